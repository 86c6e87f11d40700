# Eager tasks (3.12): the first step runs inside create_task.
import asyncio

def end(t):
    if not t.done(): return "pending"
    return "cancelled" if t.cancelled() else repr(t.exception() or t.result())

async def main():
    loop, log = asyncio.get_running_loop(), []
    loop.set_task_factory(asyncio.eager_task_factory)
    async def f(x, n=0, fail=None):
        log.append(f"{x} begins {asyncio.current_task() is not me}")
        for _ in range(n): await asyncio.sleep(0)
        if fail: raise fail
        log.append(f"{x} ends"); return x
    me = asyncio.current_task()
    t = asyncio.create_task(f("a"), name="A"); log.append("created"); print(t.done(), end(t), log, asyncio.current_task() is me); log.clear()
    t = asyncio.create_task(f("b", 1), name="B"); log.append("created"); print(t.done(), log); print(await t, log); log.clear()
    t = asyncio.create_task(f("c", 0, ValueError("c")), name="C"); print(t.done(), end(t)); log.clear()
    t = asyncio.create_task(f("d", 2), name="D"); t.cancel(); await asyncio.wait([t]); print(end(t), log); log.clear()
    t = asyncio.create_task(f("e"), name="E"); print(t.cancel(), t.cancelling(), end(t)); log.clear()
    async def parent():
        log.append("parent"); k = asyncio.create_task(f("child"), name="K"); log.append("after"); return await k
    print(await asyncio.create_task(parent(), name="P"), log); log.clear()
    async with asyncio.TaskGroup() as tg:
        a, b = tg.create_task(f("x"), name="X"), tg.create_task(f("y", 1), name="Y"); log.append("body")
    print(end(a), end(b), log); log.clear()
    try:
        async with asyncio.TaskGroup() as tg: tg.create_task(f("bad", 0, KeyError("k")), name="Z"); log.append("body"); await asyncio.sleep(0); log.append("not reached")
    except* KeyError as e: print(repr(e), log)
    log.clear()
    print(await asyncio.gather(f("g1"), f("g2", 1)) and [l.split()[0] for l in log]); log.clear()
    loop.call_soon(log.append, "soon"); t = asyncio.create_task(f("first"), name="F"); log.append("sync"); await asyncio.sleep(0); print(log); log.clear()
    t.add_done_callback(lambda t: log.append("callback")); log.append("added"); await asyncio.sleep(0); print(log)
    async def raises_cancelled(): raise asyncio.CancelledError
    t = asyncio.create_task(raises_cancelled()); print(end(t))
    loop.set_task_factory(None); t = asyncio.create_task(f("lazy"), name="L"); print(t.done(), loop.get_task_factory()); await t

asyncio.run(main())
