# A task group and a cancellation from outside: at each point of its life, with cleanup, with errors, twice.
import asyncio

def end(t):
    if not t.done(): return "pending"
    return "cancelled" if t.cancelled() else repr(t.exception() or t.result())
log = []
async def work(tag, clean=0, eat=False, fail=None):
    try: await asyncio.sleep(5)
    except asyncio.CancelledError as e:
        log.append(f"{tag} {e.args}"); await asyncio.sleep(clean); log.append(f"{tag} cleaned")
        if fail: raise fail
        if not eat: raise

async def lazy(clean):
    try: await asyncio.sleep(5)
    finally: await asyncio.sleep(clean); log.append("lazy cleaned")

async def main():
    async def run(body, delay=0.01, message=None, again=None):
        async def parent():
            try:
                async with asyncio.TaskGroup() as tg: await body(tg)
                log.append("past the group"); await asyncio.sleep(0); log.append("on")
            finally: log.append(f"cancelling {asyncio.current_task().cancelling()}")
        p = asyncio.create_task(parent()); await asyncio.sleep(delay); p.cancel(message)
        if again is not None: await asyncio.sleep(again); p.cancel("second")
        await asyncio.wait([p]); print(end(p), p.cancelling(), log); log.clear()
    # while the body waits
    async def body(tg):
        tg.create_task(work("a")); tg.create_task(lazy(0.02)); await asyncio.sleep(5)
    await run(body, message="stop")
    # while it waits for the tasks
    async def body(tg): tg.create_task(work("a", clean=0.02))
    await run(body, message="stop")
    # a task fails in its cleanup: the group wins
    async def body(tg): tg.create_task(work("a", fail=OSError("cleanup")))
    await run(body)
    # the body swallows the cancellation
    async def body(tg):
        k = tg.create_task(work("a"))
        try: await asyncio.sleep(5)
        except asyncio.CancelledError: log.append("swallowed")
        log.append("still in the body"); k.cancel()
    await run(body)
    # a second cancellation during the cleanup of the tasks
    async def body(tg): tg.create_task(work("a", clean=0.03))
    await run(body, again=0.01)
    # before the first step of the parent
    async def body(tg): log.append("body")
    await run(body, delay=0)
    p = asyncio.create_task(work("never")); p.cancel(); await asyncio.wait([p]); print(end(p), log)
    # the body fails while the cancellation is on its way
    async def body(tg):
        tg.create_task(work("a"))
        try: await asyncio.sleep(5)
        finally: raise KeyError("body")
    await run(body)
    # cancelled from inside: a child cancels the parent
    async def parent():
        me = asyncio.current_task()
        async def child(): await asyncio.sleep(0.01); me.cancel("by a child"); await asyncio.sleep(5)
        async with asyncio.TaskGroup() as tg: k.append(tg.create_task(child()))
    k = []; p = asyncio.create_task(parent())
    try: await p
    except asyncio.CancelledError as e: print(e.args, end(p), end(k[0]))
    # a child fails and the parent is cancelled in the same turn
    async def parent():
        async with asyncio.TaskGroup() as tg:
            async def bad(): await asyncio.sleep(0.01); asyncio.get_running_loop().call_soon(p.cancel); raise ValueError("v")
            tg.create_task(bad()); await asyncio.sleep(5)
    p = asyncio.create_task(parent()); await asyncio.wait([p]); print(end(p), p.cancelling())
    # around a timeout
    try:
        async with asyncio.timeout(0.02):
            async with asyncio.TaskGroup() as tg: tg.create_task(work("t", clean=0.01))
    except TimeoutError: print("TimeoutError", log, asyncio.current_task().cancelling())

asyncio.run(main())
