"""One sample in a fresh process, and whether somebody else used the CPUs meanwhile."""
import dataclasses
import os
import resource
import subprocess
import time

TICKS = os.sysconf("SC_CLK_TCK")
MOST_FOREIGN = 0.10  # of the sample's wall time; the same for every row and program


@dataclasses.dataclass
class Sample:
    values: dict
    foreign: float  # CPU time of others, as a share of the wall time

    @property
    def clean(self):
        return self.foreign <= MOST_FOREIGN


class Failure(Exception):
    pass


def busy_seconds():
    with open("/proc/stat") as stat:
        ticks = [int(field) for field in stat.readline().split()[1:9]]
    user, nice, system, _idle, _iowait, interrupts, soft, stolen = ticks
    return (user + nice + system + interrupts + soft + stolen) / TICKS


def own_seconds():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    own = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime + own.ru_utime + own.ru_stime


def watched(run):
    """run() and the CPU time that others took meanwhile, as a share of its wall time."""
    busy, own, begin = busy_seconds(), own_seconds(), time.monotonic()
    result = run()
    wall = time.monotonic() - begin
    foreign = (busy_seconds() - busy) - (own_seconds() - own)
    return result, max(0.0, foreign) / max(wall, 0.05)


def run_program(command, cpus, seconds=180):
    try:
        done = subprocess.run(["taskset", "-c", cpus, *command], capture_output=True, text=True, timeout=seconds)
    except subprocess.TimeoutExpired:
        raise Failure(f"not done after {seconds} s") from None
    if done.returncode != 0:
        raise Failure(f"ended with {done.returncode}: {done.stderr.strip()[-300:]}")
    return {name: float(value) for name, value in (line.split() for line in done.stdout.splitlines())}


def take(program, row, cpus, quick):
    command = [*program.command, row]
    if quick:
        command.append(str(max(1, program.rows[row] // 100)))
    values, foreign = watched(lambda: run_program(command, cpus))
    return Sample(values, foreign)
