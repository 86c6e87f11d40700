# The loop by hand: run_forever, stop, run_until_complete, close; the exception handler and its context; call_* errors.
import asyncio

def words(e): return str(e).split(":")[0]
loop, log = asyncio.new_event_loop(), []
# stop: the turn ends, what it added waits
loop.call_soon(lambda: (log.append(1), loop.call_soon(log.append, 4))); loop.call_soon(loop.stop); loop.call_soon(log.append, 2)
loop.call_soon(log.append, 3); print(loop.is_running(), loop.is_closed()); loop.run_forever(); print(log)
# stopped before: one turn
loop.stop(); loop.run_forever(); print(log); log.clear()
async def work(t, r): await asyncio.sleep(t); return r
async def fail(): raise ValueError("v")
print(loop.run_until_complete(work(0.01, "result")))
try: loop.run_until_complete(fail())
except ValueError as e: print(repr(e))
# stopped while a future is waited for; it goes on later
t = loop.create_task(work(0.02, "late")); loop.call_soon(loop.stop)
try: loop.run_until_complete(t)
except RuntimeError as e: print(e)
print(t.done(), loop.run_until_complete(t))
fut = loop.create_future(); loop.call_later(0.01, fut.set_result, "future"); print(loop.run_until_complete(fut))
# running twice
async def nested():
    try: loop.run_forever()
    except RuntimeError as e: print(e)
    try: loop.run_until_complete(loop.create_future())
    except RuntimeError as e: print(e)
    try: loop.close()
    except RuntimeError as e: print(e)
    print(loop.is_running(), asyncio.get_running_loop() is loop)
loop.run_until_complete(nested())
# the exception handler
seen = []
loop.set_exception_handler(lambda l, c: seen.append((l is loop, words(c["message"])[:21], repr(c.get("exception")), "handle" in c, "task" in c, "future" in c)))
def bad(): raise ZeroDivisionError("division by zero")
loop.call_soon(bad); loop.call_soon(seen.append, "next one ran"); loop.call_later(0.001, bad)
loop.run_until_complete(work(0.01, None)); print(*seen, sep="\n"); seen.clear()
f = loop.create_future(); f.add_done_callback(lambda f: bad()); f.set_result(1); loop.run_until_complete(work(0, None)); print(*seen, sep="\n"); seen.clear()
loop.call_exception_handler({"message": "by hand", "exception": KeyError("k")}); print(*seen, sep="\n"); seen.clear()
print(loop.get_exception_handler() is not None); loop.set_exception_handler(None); print(loop.get_exception_handler())
# KeyboardInterrupt and SystemExit leave it, other callbacks stay queued
def interrupt(): raise KeyboardInterrupt
def leave(): raise SystemExit(3)
loop.call_soon(log.append, "before"); loop.call_soon(interrupt); loop.call_soon(log.append, "after")
try: loop.run_forever()
except KeyboardInterrupt: print("KeyboardInterrupt", log, loop.is_running())
loop.call_soon(leave)
try: loop.run_until_complete(work(0, None))
except SystemExit as e: print("SystemExit", e.code, log)
async def task_leaves(): raise SystemExit(4)
t = loop.create_task(task_leaves())
try: loop.run_until_complete(t)
except SystemExit as e: print("SystemExit", e.code, t.done(), type(t.exception()).__name__)
# awaiting oneself, another loop's future
async def me(): await asyncio.current_task()
try: loop.run_until_complete(me())
except RuntimeError as e: print(str(e)[:27])
other = asyncio.new_event_loop(); foreign = other.create_future()
async def wrong(): await foreign
try: loop.run_until_complete(wrong())
except RuntimeError as e: print("attached to a different loop" in str(e))
other.close()
# closed
h = loop.call_later(10, log.append, "never"); loop.close(); loop.close(); print(loop.is_closed(), log)
for f in (lambda: loop.call_soon(print), lambda: loop.call_later(1, print), lambda: loop.call_soon_threadsafe(print), loop.run_forever):
    try: f()
    except RuntimeError as e: print(e)
