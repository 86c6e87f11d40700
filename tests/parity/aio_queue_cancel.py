# Queues under cancellation and timeouts: nothing is lost, the next in line is woken; shutdown is in aio_queue_shutdown.
import asyncio

def end(t):
    if not t.done(): return "pending"
    return "cancelled" if t.cancelled() else repr(t.exception() or t.result())
T, S = asyncio.create_task, asyncio.sleep

async def main():
    q = asyncio.Queue()
    # the woken getter is cancelled: the next gets the item
    a, b, c = T(q.get()), T(q.get()), T(q.get()); await S(0)
    q.put_nowait("item"); a.cancel(); await asyncio.wait([a, b]); print(end(a), end(b), end(c), q.qsize())
    q.put_nowait("more"); print(await c)
    # all getters cancelled: it stays
    a = T(q.get()); await S(0); q.put_nowait("stays"); a.cancel(); await asyncio.wait([a]); print(end(a), q.qsize(), q.get_nowait())
    # a getter in the middle
    ts = [T(q.get()) for _ in range(3)]; await S(0); ts[1].cancel(); q.put_nowait(1); q.put_nowait(2); await asyncio.wait(ts); print([end(t) for t in ts])
    # putters
    q = asyncio.Queue(1); q.put_nowait("full"); ps = [T(q.put(str(i))) for i in range(3)]; await S(0); print(q.full(), [end(p) for p in ps])
    print(q.get_nowait()); ps[0].cancel(); await asyncio.wait(ps[:2]); print([end(p) for p in ps], q.get_nowait(), await q.get())
    await ps[2]; print(q.empty())
    # a putter cancelled before it is woken
    q.put_nowait("0"); ps = [T(q.put(i)) for i in "12"]; await S(0); ps[0].cancel(); await S(0); print(q.get_nowait(), await q.get(), [end(p) for p in ps])
    # timeouts on both sides
    try: await asyncio.wait_for(q.get(), 0.01)
    except TimeoutError: print("TimeoutError")
    q.put_nowait("x")
    try: await asyncio.wait_for(q.put("y"), 0.01)
    except TimeoutError: print("TimeoutError", q.qsize(), q.get_nowait())
    # many of both, randomly cancelled by turns: what went in and was not refused comes out
    q, got, put = asyncio.Queue(2), [], []
    async def producer(k):
        for i in range(10):
            await q.put((k, i)); put.append((k, i))
    async def consumer():
        while True: got.append(await q.get()); await S(0)
    ps, cs = [T(producer(k)) for k in range(3)], [T(consumer()) for _ in range(3)]
    for n in range(12):
        await S(0)
        if n == 5: ps[2].cancel()
        if n == 10: cs[1].cancel()
    await asyncio.wait(ps); await S(0.01)
    while not q.empty(): got.append(q.get_nowait())
    print(sorted(got) == sorted(put), [end(p) for p in ps].count("cancelled"), [end(c) for c in cs].count("cancelled"))
    for c in cs: c.cancel()
    await asyncio.wait(cs)
    # join and task_done
    q = asyncio.Queue(); j = T(q.join()); await j; print("nothing to join")
    for i in range(2): q.put_nowait(i)
    j, k = T(q.join()), T(q.join()); await S(0); q.get_nowait(); q.task_done(); q.get_nowait(); await S(0.01); print(q.empty(), end(j))
    k.cancel(); await asyncio.wait([k]); print(end(k)); q.task_done(); await j; print(end(j))
    try: q.task_done()
    except ValueError as e: print(e)
    # LIFO and priority
    l = asyncio.LifoQueue(); p = asyncio.PriorityQueue(2)
    for i in (1, 2, 3): await l.put(i)
    print([await l.get() for _ in range(3)])
    await p.put((2, "b")); await p.put((1, "c")); t = T(p.put((0, "a"))); await S(0); print(p.full(), await p.get()); await t; print(await p.get(), await p.get())

asyncio.run(main())
