"""Runs rows: the programs in turn, again until enough samples are clean."""
import sys

from . import outside
from .sampling import Failure, take

ROUNDS = 5
MOST_TRIES = 15


def samplers(name, row, programs):
    """The programs that have the row, each with a function that takes one sample."""
    if "from" in row:
        sampler = outside.SAMPLERS[name]
        return {p.name: (lambda quick, p=p: sampler(p, quick)) for p in programs}
    sample = row.get("sample", name)
    cpus = row.get("cpus", "0")
    return {p.name: (lambda quick, p=p: take(p, sample, cpus, quick)) for p in programs if sample in p.rows}


def measure(names, rows, programs, quick):
    """Samples of rows that share a run of the programs: {row: {program: [(value, clean)]}}."""
    first = rows[names[0]]
    waiting = samplers(names[0], first, programs)
    rounds, tries = (1, 1) if quick else (ROUNDS, MOST_TRIES)
    if first.get("from") == "size":
        rounds = tries = 3  # always the same, and quick
    samples = {name: {} for name in names}
    clean = dict.fromkeys(waiting, 0)
    for _ in range(tries):
        for program in list(waiting):
            try:
                sample = waiting[program](quick)
            except Failure as failure:
                print(f"{names[0]}: {program}: {failure}", file=sys.stderr)
                sample = None
            if sample is None:
                del waiting[program]
                continue
            for name in names:
                value = rows[name].get("value", rows[name].get("sample", name))
                samples[name].setdefault(program, []).append((sample.values[value], sample.clean))
            clean[program] += sample.clean
            if clean[program] >= rounds:
                del waiting[program]
        if not waiting:
            break
    return samples


def groups(names, rows):
    """Rows that come from the same runs, together."""
    together = {}
    for name in names:
        row = rows[name]
        key = (row.get("sample", name), row.get("cpus", "0"))
        together.setdefault(key, []).append(name)
    return together.values()
