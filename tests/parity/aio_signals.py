# Signals: add_signal_handler, SIGINT during run(), swallowed or not, twice; errors.
import asyncio, os, signal, threading, time

def kill(s=signal.SIGINT): os.kill(os.getpid(), s)

async def handlers():
    loop, log = asyncio.get_running_loop(), []
    loop.add_signal_handler(signal.SIGUSR1, log.append, "usr1"); loop.add_signal_handler(signal.SIGUSR2, log.append, "usr2")
    kill(signal.SIGUSR1); log.append("sent"); await asyncio.sleep(0.01); kill(signal.SIGUSR2); await asyncio.sleep(0.01); print(log)
    loop.add_signal_handler(signal.SIGUSR1, log.append, "replaced"); kill(signal.SIGUSR1); await asyncio.sleep(0.01); print(log[-1])
    print(loop.remove_signal_handler(signal.SIGUSR1), loop.remove_signal_handler(signal.SIGUSR1))
    for s in (signal.SIGKILL, signal.SIGSTOP):
        try: loop.add_signal_handler(s, print)
        except RuntimeError as e: print(e)
    for s in (0, 1000):
        try: loop.add_signal_handler(s, print)
        except ValueError as e: print(str(e)[:21])
    def elsewhere():
        try: loop.add_signal_handler(signal.SIGUSR1, print)
        except (ValueError, RuntimeError): print("not in the main thread")
    await asyncio.to_thread(elsewhere)
    # a handler wakes a sleeping loop
    done = asyncio.Event(); loop.add_signal_handler(signal.SIGUSR1, done.set)
    threading.Timer(0.02, kill, [signal.SIGUSR1]).start(); await asyncio.wait_for(done.wait(), 5); print("woken")
asyncio.run(handlers())

log = []
async def interrupted():
    asyncio.get_running_loop().call_later(0.01, kill)
    try: await asyncio.sleep(5)
    except asyncio.CancelledError: log.append(f"cancelled {asyncio.current_task().cancelling()}"); raise
    finally: log.append("cleanup"); await asyncio.sleep(0.01); log.append("cleaned")
try: asyncio.run(interrupted())
except KeyboardInterrupt: print("KeyboardInterrupt", log)
log.clear()
async def swallows():
    asyncio.get_running_loop().call_later(0.01, kill)
    try: await asyncio.sleep(5)
    except asyncio.CancelledError: return "swallowed"
print(asyncio.run(swallows()))
async def twice():
    loop = asyncio.get_running_loop(); loop.call_later(0.01, kill)
    try: await asyncio.sleep(5)
    finally:
        loop.call_later(0.01, kill)
        try: await asyncio.sleep(5)
        finally: log.append("second")
try: asyncio.run(twice())
except KeyboardInterrupt: print("KeyboardInterrupt", log)
log.clear()
async def busy():
    kill(); log.append("goes on"); await asyncio.sleep(0); await asyncio.sleep(5)
try: asyncio.run(busy())
except KeyboardInterrupt: print("KeyboardInterrupt", log)
async def left():
    try: await asyncio.sleep(5)
    finally: print("leftover cleaned up")
async def with_leftover():
    asyncio.create_task(left()); await asyncio.sleep(0); kill(); await asyncio.sleep(5)
try: asyncio.run(with_leftover())
except KeyboardInterrupt: print("KeyboardInterrupt")
# a handler of the program's own stays
got = []
signal.signal(signal.SIGINT, lambda *a: got.append("own"))
async def own(): kill(); await asyncio.sleep(0.01); return "not interrupted"
print(asyncio.run(own()), got)
signal.signal(signal.SIGINT, signal.default_int_handler)
# a Runner: each run by itself
with asyncio.Runner() as r:
    try: r.run(interrupted())
    except KeyboardInterrupt: print("first")
    async def fine(): return "fine"
    print(r.run(fine()))
