"""Cost of one task, timer and connection as their number grows to a million, and the memory of each."""
import statistics

from . import chart, programs
from .sampling import run_program

NUMBERS = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000]
CURVES = {  # row of the growth program: title
    "task_spawn_join": "create and join a task, n at once",
    "task_sleep": "CPU of a task that sleeps, n at once",
    "timer_set_cancel": "set and cancel a timer beside n others",
    "timer_fire": "CPU of a timer that fires, n at once",
    "connection_byte": "CPU of a byte that comes on one of n connections and is sent back",
}
MEMORY = {"task_bytes": "memory of a sleeping task", "timer_bytes": "memory of a timer",
          "connection_bytes": "memory of a watched connection"}


def measure(quick):
    program = str(programs.BUILD / "bench" / "bench_growth")
    curves = {name: {} for name in (*CURVES, *MEMORY)}
    for n in NUMBERS[:5] if quick else NUMBERS:
        for row in CURVES:
            runs = [run_program([program, row, str(n)], "0") for _ in range(1 if quick else 3)]
            for name in runs[0]:
                curves[name][str(n)] = statistics.median(run[name] for run in runs)
    return curves


def terminal(curves):
    print(f"{'n':>10} " + " ".join(f"{name:>18}" for name in curves))
    for n in NUMBERS:
        cells = (curves[name].get(str(n)) for name in curves)
        print(f"{n:>10,} " + " ".join(f"{cell:>18.1f}" if cell is not None else f"{'-':>18}" for cell in cells))


def markdown(curves):
    names = [*CURVES, *MEMORY]
    titles = {**CURVES, **MEMORY}
    lines = ["![cost as the number grows](growth.svg)", "",
             "| n | " + " | ".join(f"{titles[name]}, {'B' if name in MEMORY else 'ns'}" for name in names) + " |",
             "|---|" + "---|" * len(names)]
    for n in NUMBERS:
        cells = (curves.get(name, {}).get(str(n)) for name in names)
        lines.append(f"| {n:,} | " + " | ".join("" if cell is None else f"{cell:,.0f}" for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def charts(curves):
    drawn = {name: {int(n): value for n, value in curves[name].items()} for name in CURVES if curves.get(name)}
    return {"growth.svg": chart.growth("cost of one as their number grows", "ns", drawn)}
