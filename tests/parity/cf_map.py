# Executor.map: in order, as far as the shortest; the first error ends it; the timeout counts from the call.
import threading, time
from concurrent.futures import ThreadPoolExecutor, TimeoutError

calls, lock = [], threading.Lock()
def slow_first(n):
    time.sleep(0.2 if n == 0 else 0)
    with lock: calls.append(n)
    return n * 10

with ThreadPoolExecutor(2) as ex:
    print(list(ex.map(slow_first, range(4))), "began out of order:", calls[0] != 0)
    print(list(ex.map(pow, [2, 3, 4], [5, 2])), list(ex.map(abs, [])))
    def fails(n):
        if n == 2: raise KeyError(n)
        return n
    results = ex.map(fails, range(5))
    got = []
    try:
        for n in results: got.append(n)
    except KeyError as e: print("KeyError:", e, got, "left:", list(results))
    go = threading.Event()
    results = ex.map(lambda n: n == 0 or go.wait(), range(3), timeout=0.2)
    print(next(results))
    try: next(results)
    except TimeoutError: print("TimeoutError, left:", list(results))
    go.set()

ran, go = [], threading.Event()
def gated(n):
    if n == 1: go.wait()
    ran.append(n); return n
with ThreadPoolExecutor(1) as ex:
    results = ex.map(gated, range(10))
    print(next(results))
    del results                      # leaving early cancels what has not begun
    go.set()
print("at most one more ran:", ran in ([0], [0, 1]))
