# What happens at the end: executors, non-daemon threads (also later ones), atexit; daemons are cut off.
import atexit, threading, time, sys
from concurrent.futures import ThreadPoolExecutor
def say(*a): print(*a, flush=True)
atexit.register(lambda: say("atexit first registered"))
atexit.register(lambda: say("atexit last registered"))
pool = ThreadPoolExecutor(1)
gate = threading.Event()
def job(n):
    gate.wait()
    say("job", n, "main alive:", threading.main_thread().is_alive())
for n in range(3): pool.submit(job, n)
def late():
    time.sleep(0.05)
    say("thread started during exit ended")
def worker():
    threading.main_thread().join()
    say("worker, main alive:", threading.main_thread().is_alive())
    try: pool.submit(job, 9)
    except RuntimeError: say("RuntimeError")
    threading.Thread(target=late).start()
def daemon():
    try:
        time.sleep(30)
    finally:
        say("never printed")
threading.Thread(target=daemon, daemon=True).start()
threading.Thread(target=worker).start()
say("main ends")
gate.set()
