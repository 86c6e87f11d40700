# Condition.wait under cancellation: the lock is always taken again, notifications are not lost.
import asyncio

def end(t):
    if not t.done(): return "pending"
    return "cancelled" if t.cancelled() else repr(t.exception() or t.result())
T = asyncio.create_task

async def main():
    cv, log = asyncio.Condition(), []
    async def w(tag, wait=None):
        async with cv:
            log.append(f"{tag} waits")
            try: r = await cv.wait(); log.append(f"{tag} woken {r}")
            except asyncio.CancelledError: log.append(f"{tag} cancelled, lock held: {cv.locked()}"); raise
            return tag
    # cancelled while it waits and the lock is free
    t = T(w("a")); await asyncio.sleep(0); t.cancel(); await asyncio.wait([t]); print(end(t), cv.locked(), log); log.clear()
    # cancelled while another holds the lock: comes out only afterwards, a second cancel does not hurry it
    t = T(w("a")); await asyncio.sleep(0)
    async with cv:
        t.cancel(); await asyncio.sleep(0.01); print(t.done()); t.cancel(); await asyncio.sleep(0.01); print(t.done(), t.cancelling())
    await asyncio.wait([t]); print(end(t), log); log.clear()
    # notified, then cancelled: the notification goes to the next
    a, b, c = T(w("a")), T(w("b")), T(w("c")); await asyncio.sleep(0)
    async with cv: cv.notify(1); a.cancel()
    await asyncio.sleep(0.01); print(end(a), end(b), end(c))
    async with cv: cv.notify_all()
    await asyncio.wait([a, b, c]); print(end(a), end(b), end(c), log); log.clear()
    # cancelled first, then notified: the next gets it
    a, b = T(w("a")), T(w("b")); await asyncio.sleep(0)
    async with cv: a.cancel(); cv.notify(1)
    await asyncio.sleep(0.01); print(end(a), end(b)); 
    if not b.done():
        async with cv: cv.notify()
        await b
    print(log); log.clear()
    # two waiters, notify(1) each: FIFO, none runs before the notifier lets go
    ts = [T(w(x)) for x in "xyz"]; await asyncio.sleep(0)
    async with cv: cv.notify(2); log.append("notified"); await asyncio.sleep(0); log.append("still held")
    await asyncio.sleep(0.01); print([end(t) for t in ts], log)
    async with cv: cv.notify(5)
    await asyncio.wait(ts); log.clear()
    # wait_for with a predicate, cancelled and not
    n = 0
    async def until(k):
        async with cv: return await cv.wait_for(lambda: n >= k and f"n is {n}")
    ts = [T(until(k)) for k in (1, 2, 3)]; await asyncio.sleep(0)
    for _ in range(2):
        async with cv: n += 1; cv.notify_all()
        await asyncio.sleep(0.01); print([end(t) for t in ts])
    ts[2].cancel(); await asyncio.wait(ts); print(end(ts[2]), cv.locked())
    # in a timeout
    async with cv:
        try: await asyncio.wait_for(cv.wait(), 0.01)
        except TimeoutError: print("TimeoutError, lock held:", cv.locked())
    # errors
    for f in (cv.notify, cv.notify_all):
        try: f()
        except RuntimeError as e: print(e)
    try: await cv.wait()
    except RuntimeError as e: print(e)
    try: cv.release()
    except RuntimeError as e: print(e)
    # two conditions share one lock
    lock = asyncio.Lock(); c1, c2 = asyncio.Condition(lock), asyncio.Condition(lock)
    async def pair(c, tag):
        async with c: await c.wait(); log.append(tag)
    ts = [T(pair(c1, "one")), T(pair(c2, "two"))]; await asyncio.sleep(0)
    async with lock: c2.notify(); c1.notify()
    await asyncio.wait(ts); print(log, lock.locked())

asyncio.run(main())
