# Semaphore, BoundedSemaphore, Event, Barrier: order, cancellation, errors.
import asyncio

def end(t):
    if not t.done(): return "pending"
    return "cancelled" if t.cancelled() else repr(t.exception() or t.result())
T, S = asyncio.create_task, asyncio.sleep

async def semaphores():
    log, s = [], asyncio.Semaphore(2)
    async def use(tag, t=0.01):
        async with s:
            log.append(tag + "+"); await S(t); log.append(tag + "-")
    await asyncio.gather(*(use(x) for x in "abcd")); print(log, s.locked()); log.clear()
    s = asyncio.Semaphore(0); print(s.locked())
    async def take(tag): r = await s.acquire(); log.append(f"{tag} {r}")
    ts = [T(take(x)) for x in "123"]; await S(0)
    s.release(); print(s.locked()); s.release();
    await S(0); print(log, s.locked()); ts[2].cancel(); await asyncio.wait(ts); print([end(t) for t in ts], s.locked()); log.clear()
    # the woken one is cancelled: the permit goes on
    s = asyncio.Semaphore(0); a, b = T(take("a")), T(take("b")); await S(0); s.release(); a.cancel(); await asyncio.wait([a, b])
    print(end(a), end(b), log, s.locked()); log.clear()
    # all waiters cancelled: the permit is back
    s = asyncio.Semaphore(0); a = T(take("a")); await S(0); s.release(); a.cancel(); await asyncio.wait([a]); print(s.locked())
    await s.acquire(); print(s.locked())
    b = asyncio.BoundedSemaphore(2); await b.acquire(); b.release()
    try: b.release()
    except ValueError as e: print(e)
    for c in (asyncio.Semaphore, asyncio.BoundedSemaphore):
        try: c(-1)
        except ValueError as e: print(e)
    # released more often than taken
    s = asyncio.Semaphore(1); s.release(); await s.acquire(); await s.acquire(); print(s.locked())
    # released on an error, and in a timeout
    s = asyncio.Semaphore(1)
    try:
        async with s: raise KeyError("k")
    except KeyError: print("free:", not s.locked())
    await s.acquire()
    try: await asyncio.wait_for(s.acquire(), 0.01)
    except TimeoutError: s.release(); print("TimeoutError", s.locked())

async def events():
    e, log = asyncio.Event(), []
    async def w(tag): log.append(f"{tag} {await e.wait()}")
    ts = [T(w(x)) for x in "abc"]; await S(0); ts[1].cancel(); e.set(); log.append("set"); e.clear()
    await asyncio.wait(ts); print(log, [end(t) for t in ts], e.is_set()); log.clear()
    t = T(w("d")); await S(0.01); print(t.done()); e.set(); e.set(); await t
    print(log, await e.wait(), e.is_set())
    # set in the turn of the cancellation
    e = asyncio.Event(); t = T(w("e")); await S(0); e.set(); t.cancel(); await asyncio.wait([t]); print(end(t))

async def barriers():
    b, log = asyncio.Barrier(3), []
    async def w(tag):
        try: i = await b.wait(); log.append(tag); return i
        except asyncio.BrokenBarrierError: return "broken"
    print(b.parties, b.n_waiting, b.broken)
    ts = [T(w(x)) for x in "ab"]; await S(0); print(b.n_waiting); ts.append(T(w("c"))); await asyncio.wait(ts)
    print(sorted(t.result() for t in ts), sorted(log), b.n_waiting); log.clear()
    # reusable, twice the parties at once
    ts = [T(w(x)) for x in "abcdef"]; await asyncio.wait(ts); print(sorted(t.result() for t in ts)); log.clear()
    # cancelled while it waits: one more is needed
    a = T(w("a")); t = T(w("t")); await S(0); a.cancel(); await asyncio.wait([a]); print(end(a), b.n_waiting, b.broken)
    ts = [t, T(w("u")), T(w("v"))]; await asyncio.wait(ts); print(sorted(t.result() for t in ts))
    # reset: those that wait are told
    ts = [T(w(x)) for x in "ab"]; await S(0); await b.reset(); await asyncio.wait(ts); print([t.result() for t in ts], b.broken, b.n_waiting)
    # abort: until reset
    ts = [T(w(x)) for x in "ab"]; await S(0); await b.abort(); await asyncio.wait(ts); print([t.result() for t in ts], b.broken, await w("late"))
    await b.reset(); print(b.broken); ts = [T(w(x)) for x in "abc"]; await asyncio.wait(ts); print(sorted(t.result() for t in ts))
    try: asyncio.Barrier(0)
    except ValueError: print("ValueError")
    # as a context manager, in a timeout
    async def block():
        async with b as i: return i
    print(sorted(await asyncio.gather(block(), block(), block())))
    try: await asyncio.wait_for(b.wait(), 0.01)
    except TimeoutError: print("TimeoutError", b.n_waiting, b.broken)
    one = asyncio.Barrier(1); print(await one.wait(), await one.wait())

async def main():
    await semaphores(); await events(); await barriers()
asyncio.run(main())
