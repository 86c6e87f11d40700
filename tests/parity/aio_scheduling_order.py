# FIFO of call_soon, one iteration at a time; sleep(0), done awaitables, timers and tasks among each other.
import asyncio

async def main():
    loop, log = asyncio.get_running_loop(), []
    def chain(tag, n):
        log.append(f"{tag}{n}")
        if n: loop.call_soon(chain, tag, n - 1)
    loop.call_soon(chain, "a", 3); loop.call_soon(chain, "b", 2)
    h = loop.call_soon(log.append, "never"); h.cancel(); print(h.cancelled())
    loop.call_later(0, log.append, "timer")
    for _ in range(6): await asyncio.sleep(0)
    print(log); log.clear()

    async def worker(tag, n):
        for i in range(n):
            log.append(f"{tag}{i}"); await asyncio.sleep(0)
        log.append(tag + " ends"); return tag
    ts = [asyncio.create_task(worker(x, n)) for x, n in (("x", 3), ("y", 1), ("z", 2))]
    log.append("created"); loop.call_soon(log.append, "soon")
    print(await asyncio.gather(*ts)); print(log); log.clear()

    fut = loop.create_future()
    async def waiter(tag):
        log.append(tag + " waits"); r = await fut; log.append(f"{tag} got {r}")
    ws = [asyncio.create_task(waiter(x)) for x in "123"]
    await asyncio.sleep(0)
    fut.add_done_callback(lambda f: log.append("callback"))
    loop.call_soon(log.append, "queued before"); fut.set_result(7); loop.call_soon(log.append, "queued after")
    log.append("set"); await asyncio.sleep(0); log.append("main"); await asyncio.wait(ws)
    print(log); log.clear()

    async def level(n):
        if n == 0: await asyncio.sleep(0); return 0
        return 1 + await level(n - 1)
    t = asyncio.create_task(level(50)); turns = 0
    while not t.done(): await asyncio.sleep(0); turns += 1
    print("deep:", t.result(), turns)

    done = asyncio.create_task(asyncio.sleep(0, "r")); await done
    loop.call_soon(log.append, "other")
    for _ in range(3): log.append(await done)
    await asyncio.sleep(0); print(log); log.clear()

    async def tree(n):
        if n == 0: log.append("leaf"); return 1
        a, b = asyncio.create_task(tree(n - 1)), asyncio.create_task(tree(n - 1))
        log.append(f"node{n}"); return await a + await b
    print(await tree(2), log); log.clear()

    ev = asyncio.Event()
    async def pinger(tag, mine, other):
        for i in range(2):
            await mine.wait(); mine.clear(); log.append(f"{tag}{i}"); other.set()
    e1, e2 = asyncio.Event(), asyncio.Event(); e1.set()
    loop.call_soon(log.append, "cs1")
    await asyncio.gather(pinger("ping", e1, e2), pinger("pong", e2, e1)); print(log); log.clear()

    t0 = loop.time()
    loop.call_at(t0 + 0.03, log.append, "third"); loop.call_at(t0 + 0.01, log.append, "first")
    c = loop.call_at(t0 + 0.015, log.append, "cancelled"); loop.call_at(t0 + 0.02, log.append, "second")
    print(c.when() == t0 + 0.015, c.cancelled()); c.cancel(); c.cancel(); print(c.cancelled())
    await asyncio.sleep(0.05); print(log)

asyncio.run(main())
