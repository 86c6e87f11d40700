# shutdown: no more work is taken, what is queued runs unless it is cancelled; it may be called again.
import threading
from concurrent.futures import ThreadPoolExecutor

def refused(ex):
    try: ex.submit(int)
    except RuntimeError as e: return str(e)

go, done = threading.Event(), []
ex = ThreadPoolExecutor(1)
a = ex.submit(go.wait); b = ex.submit(done.append, 1); c = ex.submit(done.append, 2)
ex.shutdown(wait=False)
print("not waited:", done, "|", refused(ex))
go.set(); ex.shutdown(); ex.shutdown()
print("queued work ran:", done, a.result(), b.done(), c.done())

go, started = threading.Event(), threading.Event()
def job(): started.set(); go.wait(); return "ran to its end"
ex = ThreadPoolExecutor(1)
a = ex.submit(job); b = ex.submit(done.append, 3); c = ex.submit(done.append, 4)
started.wait()
ex.shutdown(wait=False, cancel_futures=True)
print("cancelled:", a.cancelled(), b.cancelled(), c.cancelled())
go.set(); ex.shutdown()
print(a.result(), done)

with ThreadPoolExecutor(2) as ex: fs = [ex.submit(pow, n, 2) for n in range(5)]
print("with waits:", all(f.done() for f in fs), [f.result() for f in fs], "|", refused(ex))
for n in (0, -1):
    try: ThreadPoolExecutor(n)
    except ValueError as e: print("ValueError:", e)
try: list(ex.map(abs, [1]))
except RuntimeError as e: print("map:", e)
