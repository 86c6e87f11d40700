# The rows of core.cpp for CPython's asyncio.
import asyncio, sys, time

quick = "--quick" in sys.argv

def rounds(full):
    return max(1, full // 100) if quick else full

async def child(i):
    return i + 1

async def yields(n):
    for _ in range(n):
        await asyncio.sleep(0)

def report(name, begin, n):
    print(name, round((time.perf_counter() - begin) * 1e9 / n, 2), flush=True)

async def main():
    n, s = rounds(2_000_000), 0
    t = time.perf_counter()
    for i in range(n):
        s += await child(i)
    report("await_ready", t, n)
    n = rounds(100_000)
    t = time.perf_counter()
    for i in range(n):
        s += await asyncio.create_task(child(i))
    report("spawn_join", t, n)
    n = rounds(300_000)
    t = time.perf_counter()
    await asyncio.gather(yields(n // 2), yields(n // 2))
    report("yield", t, n)
    for name, k in (("gather10", 10), ("gather1000", 1000)):
        n = rounds(100_000)
        t = time.perf_counter()
        for _ in range(max(1, n // k)):
            await asyncio.gather(*(child(i) for i in range(k)))
        report(name, t, max(1, n // k) * k)
    n = rounds(30_000)
    t = time.perf_counter()
    for _ in range(n):
        await asyncio.wait_for(yields(1), 10)
    report("wait_for", t, n)
    n, never = rounds(30_000), asyncio.Event()
    t = time.perf_counter()
    for _ in range(n):
        task = asyncio.create_task(never.wait())
        await asyncio.sleep(0)
        task.cancel()
        try:
            await task
        except asyncio.CancelledError:
            pass
    report("cancel", t, n)

asyncio.run(main())
