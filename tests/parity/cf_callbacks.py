# Done callbacks: once, in order, in the thread that finishes or cancels; at once when it is done; errors are ignored.
import logging, threading
from concurrent.futures import CancelledError, Future, InvalidStateError, ThreadPoolExecutor
logging.getLogger("concurrent.futures").addHandler(logging.NullHandler())
logging.getLogger("concurrent.futures").setLevel(logging.CRITICAL + 1)

def where(): return "main" if threading.current_thread() is threading.main_thread() else threading.current_thread().name

seen = []
def note(tag): return lambda f: seen.append((tag, where(), f.done()))
def bad(f): raise ValueError("ignored")

go = threading.Event()
with ThreadPoolExecutor(1, thread_name_prefix="w") as ex:
    f = ex.submit(lambda: go.wait() and 5)
    f.add_done_callback(note("first")); f.add_done_callback(bad); f.add_done_callback(note("second"))
    g = ex.submit(int)
    g.add_done_callback(note("cancelled"))
    print("cancel:", g.cancel(), seen)
    go.set(); print(f.result())
print(seen)
f.add_done_callback(note("late")); print(seen[-1])
def nested(f): seen.append("outer"); f.add_done_callback(lambda f: seen.append("inner")); seen.append("outer ends")
seen.clear()
h = Future(); h.add_done_callback(nested); h.add_done_callback(lambda f: seen.append("last"))
h.set_exception(KeyError("k")); print(seen)
error = h.exception()
try: h.result()
except KeyError as e: print("same exception object:", e is error, repr(e))
try: h.set_exception(KeyError("again"))
except InvalidStateError: print("InvalidStateError")
c = Future(); c.cancel()
print(c.set_running_or_notify_cancel())
try: c.set_running_or_notify_cancel()
except RuntimeError as e: print("RuntimeError:", e)
