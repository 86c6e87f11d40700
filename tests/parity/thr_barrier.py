# Barrier: indices, action, timeout, abort, reset.
import threading
acted = []
b = threading.Barrier(3, action=lambda: acted.append(len(acted)))
got = []
def party():
    for _ in range(2):
        got.append(b.wait())
ts = [threading.Thread(target=party) for _ in range(3)]
for t in ts: t.start()
for t in ts: t.join()
print(sorted(got), acted, b.parties, b.n_waiting, b.broken)

def attempt(label, fn):
    try: print(label, fn())
    except threading.BrokenBarrierError: print(label, "BrokenBarrierError")
    except ValueError as e: print(label, "ValueError", e)

attempt("timeout:", lambda: b.wait(0.05))
print("broken:", b.broken, b.n_waiting)
attempt("wait on a broken one:", b.wait)
b.reset()
print("after reset:", b.broken)

seen = []
def waiter():
    try: seen.append(b.wait())
    except threading.BrokenBarrierError: seen.append("BrokenBarrierError")
def with_waiter(fn):
    t = threading.Thread(target=waiter); t.start()
    while b.n_waiting != 1: pass
    fn(); t.join()
with_waiter(b.reset); print("reset with a waiter:", seen, b.broken)
with_waiter(b.abort); print("abort with a waiter:", seen, b.broken)

def boom(): raise ValueError("in the action")
bad = threading.Barrier(1, action=boom)
attempt("action fails:", bad.wait)
print("broken:", bad.broken)
print("alone:", threading.Barrier(1).wait())
