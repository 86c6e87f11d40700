# Nested task groups: how errors and cancellations pass from the inner to the outer one, and what is left.
import asyncio

def end(t):
    if not t.done(): return "pending"
    return "cancelled" if t.cancelled() else repr(t.exception() or t.result())
def tree(e):
    if isinstance(e, BaseExceptionGroup): return f"{type(e).__name__}[{', '.join(tree(x) for x in e.exceptions)}]"
    return repr(e)
async def err(t, e): await asyncio.sleep(t); raise e
async def work(t=5, log=None):
    try: await asyncio.sleep(t); return "done"
    except asyncio.CancelledError:
        if log is not None: log.append("cancelled")
        raise

async def main():
    log = []
    # an inner group fails inside the body of an outer one
    try:
        async with asyncio.TaskGroup() as outer:
            k = outer.create_task(work(log=log))
            async with asyncio.TaskGroup() as inner:
                j = inner.create_task(work(log=log)); inner.create_task(err(0.01, ValueError("inner")))
            log.append("not reached")
    except BaseExceptionGroup as e: print(tree(e), end(k), end(j), log)
    log.clear()
    # caught between the two: the outer one goes on
    async with asyncio.TaskGroup() as outer:
        k = outer.create_task(work(0.03, log))
        try:
            async with asyncio.TaskGroup() as inner: inner.create_task(err(0.01, ValueError("inner")))
        except* ValueError as e: print("caught", tree(e), end(k))
    print(end(k), asyncio.current_task().cancelling())
    # the outer one fails while the body waits in the inner one
    try:
        async with asyncio.TaskGroup() as outer:
            outer.create_task(err(0.01, ValueError("outer")))
            async with asyncio.TaskGroup() as inner: j = inner.create_task(work(log=log))
    except BaseExceptionGroup as e: print(tree(e), end(j), log, asyncio.current_task().cancelling())
    log.clear()
    # both fail
    async def late(e):
        try: await asyncio.sleep(5)
        finally: raise e
    try:
        async with asyncio.TaskGroup() as outer:
            outer.create_task(err(0.01, ValueError("outer")))
            async with asyncio.TaskGroup() as inner: inner.create_task(late(KeyError("inner")))
    except BaseExceptionGroup as e: print(tree(e), asyncio.current_task().cancelling())
    # groups in child tasks, three levels
    async def level(n):
        async with asyncio.TaskGroup() as tg:
            if n: tg.create_task(level(n - 1)); tg.create_task(work(log=log))
            else: tg.create_task(err(0.01, OSError("bottom")))
    try: await level(3)
    except* OSError as e: print(tree(e), log)
    log.clear()
    # two errors in one step, and one of the body
    try:
        async with asyncio.TaskGroup() as tg:
            tg.create_task(err(0, ValueError(1))); tg.create_task(err(0, ValueError(2)))
            await asyncio.sleep(0); raise KeyError("body")
    except BaseExceptionGroup as e: print(tree(e))
    # the body fails at once: tasks never begin
    async def never(): log.append("ran")
    try:
        async with asyncio.TaskGroup() as tg: t = tg.create_task(never()); raise KeyError("body")
    except* KeyError as e: print(tree(e), end(t), log)
    # results after the end, names, a task that adds tasks
    async with asyncio.TaskGroup() as tg:
        async def grow(n):
            if n: tg.create_task(grow(n - 1), name=f"grow{n}")
            log.append(asyncio.current_task().get_name()); return n
        ts = [tg.create_task(grow(2), name="root")]
    print(log, ts[0].result()); log.clear()
    # a child cancelled by itself is no error; nor is one that cancels itself
    async with asyncio.TaskGroup() as tg:
        a, b = tg.create_task(work()), tg.create_task(work(0.02)); await asyncio.sleep(0.01); a.cancel()
    print(end(a), end(b))
    # split and subgroup of what comes out
    try:
        async with asyncio.TaskGroup() as tg:
            for e in (ValueError("a"), KeyError("b"), ValueError("c")): tg.create_task(err(0, e))
    except BaseExceptionGroup as e:
        m, r = e.split(ValueError); print(tree(m), tree(r), tree(e.subgroup(lambda x: "b" in repr(x))), e)

asyncio.run(main())
