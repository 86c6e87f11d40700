# to_thread and run_in_executor: results, errors, contexts, names of threads, cancellation, the default executor's end.
import asyncio, concurrent.futures, contextvars, threading, time

def end(t):
    if not t.done(): return "pending"
    return "cancelled" if t.cancelled() else repr(t.exception() or t.result())
var = contextvars.ContextVar("var", default="unset")
def fail(): raise ValueError("in the thread")
def add(a, b=0): return a + b

async def main():
    loop = asyncio.get_running_loop()
    print(await asyncio.to_thread(add, 1, b=2))
    try: await asyncio.to_thread(fail)
    except ValueError as e: print(repr(e))
    print(await asyncio.to_thread(lambda: threading.current_thread() is not threading.main_thread()),
          await asyncio.to_thread(lambda: threading.current_thread().name.startswith("asyncio_")))
    # the loop runs meanwhile
    go, log = threading.Event(), []
    async def ticker():
        for i in range(3): log.append(i); await asyncio.sleep(0)
        go.set()
    t = asyncio.create_task(ticker()); print(await asyncio.to_thread(go.wait), log)
    # contexts
    var.set("main")
    def change(): before = var.get(); var.set("thread's own"); return before
    print(await asyncio.to_thread(change), var.get(), await loop.run_in_executor(None, change))
    # cancelled: detached at once, the thread goes on
    begun, done = threading.Event(), []
    def slow(): begun.set(); go2.wait(); done.append("ran on"); return "lost"
    go2 = threading.Event(); t = asyncio.create_task(asyncio.to_thread(slow)); await asyncio.to_thread(begun.wait)
    t.cancel(); await asyncio.wait([t]); print(end(t), done); go2.set()
    while not done: await asyncio.sleep(0.001)
    print(done)
    # queued work can be cancelled, running work cannot
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        gate, ran = threading.Event(), []
        a = loop.run_in_executor(pool, gate.wait); b = loop.run_in_executor(pool, ran.append, "b"); c = loop.run_in_executor(pool, ran.append, "c")
        print(b.cancel(), b.cancelled()); await asyncio.sleep(0); await asyncio.sleep(0); gate.set(); print(await a, await c, ran)
        f = pool.submit(add, 3, 4); print(await asyncio.wrap_future(f), f.result())
    # timeout
    gate = threading.Event()
    try: await asyncio.wait_for(asyncio.to_thread(gate.wait), 0.02)
    except TimeoutError: print("TimeoutError")
    gate.set()
    # gather of threads, order of arguments
    print(await asyncio.gather(*(asyncio.to_thread(add, i, 10) for i in range(3))))
    # one executor shut down, the default one closed
    try: loop.run_in_executor(pool, add, 1)
    except RuntimeError as e: print(str(e)[:42])
    await loop.shutdown_default_executor()
    try: await asyncio.to_thread(add, 1)
    except RuntimeError as e: print(str(e)[:33])

asyncio.run(main())
# run() waits for the threads of the default executor
log = []
async def leaves():
    asyncio.get_running_loop().run_in_executor(None, lambda: (time.sleep(0.05), log.append("thread done")))
    log.append("main done")
asyncio.run(leaves()); print(log)
