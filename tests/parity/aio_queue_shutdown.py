# Queue.shutdown (3.13): putters, getters, join, immediate, both in any order.
import asyncio

def end(t):
    if not t.done(): return "pending"
    if t.cancelled(): return "cancelled"
    return type(t.exception()).__name__ if t.exception() else repr(t.result())
T, S = asyncio.create_task, asyncio.sleep

async def main():
    q = asyncio.Queue(2)
    for i in range(2): q.put_nowait(i)
    p = T(q.put(9)); j = T(q.join()); await S(0); q.shutdown(); await S(0); print(end(p), end(j), q.qsize())
    for f in (lambda: q.put_nowait(1), lambda: q.put(1)):
        try:
            r = f()
            if r: await r
        except asyncio.QueueShutDown as e: print(type(e).__name__)
    print(await q.get(), q.get_nowait()); q.task_done(); q.task_done(); await j; print(end(j))
    for f in (q.get, q.get_nowait):
        try:
            r = f()
            if asyncio.iscoroutine(r): await r
        except asyncio.QueueShutDown as e: print(type(e).__name__, q.empty())
    q.shutdown(); q.shutdown(True); print("again")
    # getters that wait
    q = asyncio.Queue(); gs = [T(q.get()) for _ in range(3)]; await S(0); q.put_nowait("last"); q.shutdown(); await asyncio.wait(gs); print([end(g) for g in gs])
    # immediate: items are dropped, join ends unless some are out
    q = asyncio.Queue()
    for i in range(3): q.put_nowait(i)
    q.get_nowait(); j = T(q.join()); await S(0); q.shutdown(immediate=True); await S(0.01); print(end(j), q.qsize(), q.empty())
    q.task_done(); await S(0.01); print(end(j))
    # first normally, then at once
    q = asyncio.Queue(); q.put_nowait(1); j = T(q.join()); await S(0); q.shutdown(); await S(0); print(end(j)); q.shutdown(immediate=True); await S(0.01); print(end(j), q.qsize())
    # a worker that ends by itself
    q, got = asyncio.Queue(), []
    async def worker():
        try:
            while True: got.append(await q.get()); q.task_done()
        except asyncio.QueueShutDown: return "worker ends"
    ws = [T(worker()) for _ in range(2)]
    for i in range(5): await q.put(i)
    q.shutdown(); await q.join(); print(sorted(got), await asyncio.gather(*ws))
    # cancelled and shut down in one turn
    q = asyncio.Queue(); g = T(q.get()); await S(0); q.shutdown(); g.cancel(); await asyncio.wait([g]); print(end(g))
    q = asyncio.PriorityQueue(); q.put_nowait(2); q.put_nowait(1); q.shutdown(); print(await q.get(), await q.get())

asyncio.run(main())
