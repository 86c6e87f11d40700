"""The gate of CI: instructions an operation of the rows of one thread, counted by callgrind.

Wall time depends on the machine and its neighbours; instructions hardly do. What they do not see is memory,
wake-ups and the kernel: those are for tools/bench.
"""
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

from . import programs

ACCEPTED = programs.ROOT / "bench" / "instructions.txt"
MOST_ABOVE = 0.03
# Row: operations of the long run; the short one has a fifth of them. What is common to both goes out.
ROWS = {
    "await_ready": 20_000, "spawn_join": 5_000, "yield": 10_000, "gather10": 5_000, "gather1000": 10_000,
    "taskgroup1000": 10_000, "timer_cancel": 60_000, "timer_cancel_armed": 60_000, "wait_for": 5_000, "timeout_ctx": 5_000, "cancel_storm": 1_000,
    "cancel_storm_unread": 2_000, "agen": 10_000, "queue_spsc": 10_000, "queue_mpmc": 10_000,
    "mutex_uncontended": 20_000, "mutex_handoff": 5_000,
}


def count(row, operations):
    with tempfile.NamedTemporaryFile() as profile:
        done = subprocess.run(["valgrind", "--tool=callgrind", f"--callgrind-out-file={profile.name}",
                               programs.BUILD / "bench" / "bench_heddle", row, str(operations)],
                              capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{row} under valgrind: {done.stderr[-500:]}")
    return int(re.search(r"Collected : (\d+)", done.stderr).group(1))


def per_operation(row):
    long, short = ROWS[row], ROWS[row] // 5
    return (count(row, long) - count(row, short)) / (long - short)


def load():
    """Lines of "row instructions"; # begins a comment."""
    lines = ACCEPTED.read_text().splitlines() if ACCEPTED.exists() else []
    return {line.split()[0]: float(line.split()[1]) for line in lines if line and not line.startswith("#")}


HEAD = """\
# Instructions an operation, as accepted: clang 19, release, callgrind. CI fails above them by more than 3 %.
# Written by tools/bench instructions --accept; a line that grows says why in its commit.
"""


def gate(accept):
    with ThreadPoolExecutor(2) as pool:
        counted = dict(zip(ROWS, pool.map(per_operation, ROWS)))
    accepted, worse = load(), []
    for row, now in counted.items():
        before = accepted.get(row)
        change = f"{(now / before - 1) * 100:+.1f} %" if before else "new"
        print(f"{row:22} {now:10.1f} instructions {change:>9}")
        if before is None or now > before * (1 + MOST_ABOVE):
            worse.append(row)
    if accept:
        ACCEPTED.write_text(HEAD + "".join(f"{row} {now:.1f}\n" for row, now in counted.items()))
        return 0
    if worse:
        print(f"more instructions than accepted: {', '.join(worse)}. Look for the cause with callgrind_annotate; "
              "if it is worth it: tools/bench instructions --accept")
        return 1
    better = [row for row, now in counted.items() if now < accepted[row] * (1 - MOST_ABOVE)]
    if better:
        print(f"fewer than accepted, keep it: tools/bench instructions --accept ({', '.join(better)})")
    print("instructions: as accepted")
    return 0
