"""Rows that are measured from outside of a program: start-up, size, compile time."""
import os
import pathlib
import resource
import subprocess
import tempfile

from . import programs
from .sampling import Failure, Sample, run_program, watched

HELLO = programs.ROOT / "bench" / "hello"
INCLUDES = {
    "heddle": ["-I", str(programs.ROOT / "include")],
    "asio": ["-DASIO_HAS_CO_AWAIT", "-DASIO_HAS_STD_COROUTINE"],
    "limit": [],
}


def startup(program, quick):
    """Milliseconds from the start of a process to its end, the mean of many."""
    if program.name in ("heddle", "limit"):
        command = [str(programs.BUILD / "bench" / f"bench_empty_{program.name}")]
    elif "startup" in program.rows:
        command = [*program.command, "startup"]
    else:
        return None
    times = {True: 5, False: 20}[quick or program.name in ("cpython", "uvloop")]
    spawn = str(programs.BUILD / "bench" / "bench_spawn")
    values, foreign = watched(lambda: run_program([spawn, str(times), *command], "0"))
    return Sample(values, foreign)


def size(program, _quick):
    binary = programs.BUILD / "bench" / f"bench_hello_{program.name}"
    if not binary.exists():
        return None
    with tempfile.NamedTemporaryFile() as stripped:
        subprocess.run(["strip", "-o", stripped.name, binary], check=True)
        return Sample({"size": os.path.getsize(stripped.name) / 1024}, 0.0)


def compile_time(level):
    def sample(program, _quick):
        source = HELLO / f"{program.name}.cpp"
        if not source.exists():
            return None
        command = ["taskset", "-c", "0", "clang++-19", "-std=c++20", level, "-w", *INCLUDES[program.name],
                   "-c", str(source), "-o", "/dev/null"]

        def run():
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode != 0:
                raise Failure(done.stderr[-300:])
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

        seconds, foreign = watched(run)
        return Sample({"compile_" + level[1:]: seconds}, foreign)
    return sample


SAMPLERS = {
    "startup": startup,
    "size": size,
    "compile_O2": compile_time("-O2"),
    "compile_O0": compile_time("-O0"),
}
