# gather: cancelling it, its parent, a child; nested; in a timeout; what the children see and when it ends.
import asyncio

def end(t):
    if not t.done(): return "pending"
    return "cancelled" if t.cancelled() else repr(t.exception() or t.result())

log = []
async def work(tag, t=5, clean=0, eat=None, fail=None):
    try:
        await asyncio.sleep(t); return tag
    except asyncio.CancelledError as e:
        log.append(f"{tag} cancelled {e.args}")
        await asyncio.sleep(clean); log.append(f"{tag} cleaned")
        if fail: raise fail
        if eat is not None: return eat
        raise

async def main():
    T = asyncio.create_task
    async def g(*kids, **kw): return await asyncio.gather(*kids, **kw)
    # the awaiting task is cancelled
    a, b = T(work("a")), T(work("b", clean=0.02)); t = T(g(a, b)); await asyncio.sleep(0.01)
    print(t.cancel("msg")); await asyncio.wait([t]); print(end(t), end(a), end(b), log); log.clear()
    # with return_exceptions
    a, b = T(work("a")), T(work("b", eat="ate")); t = T(g(a, b, return_exceptions=True)); await asyncio.sleep(0.01)
    t.cancel(); await asyncio.wait([t]); print(end(t), end(a), end(b), log); log.clear()
    # all children swallow the cancellation
    a, b = T(work("a", eat="one")), T(work("b", eat="two")); t = T(g(a, b)); await asyncio.sleep(0.01)
    t.cancel(); await asyncio.wait([t]); print(end(t), end(a), end(b), log); log.clear()
    # a child fails while being cancelled
    a, b = T(work("a", fail=ValueError("in cleanup"))), T(work("b", clean=0.02)); t = T(g(a, b)); await asyncio.sleep(0.01)
    t.cancel(); await asyncio.wait([t]); print(end(t), end(a), end(b), log); await asyncio.wait([b]); log.clear()
    # the gather future itself
    a, b = T(work("a", 0)), T(work("b")); f = asyncio.gather(a, b); await asyncio.sleep(0.01)
    print(f.cancel("why"), f.cancelled(), f.done())
    try: await f
    except asyncio.CancelledError as e: print("CancelledError", e.args, f.cancelled(), end(a), end(b))
    print(f.cancel()); log.clear()
    # a child by itself
    a, b = T(work("a")), T(work("b", 0.03)); f = asyncio.gather(a, b); await asyncio.sleep(0.01); a.cancel("child")
    try: await f
    except asyncio.CancelledError as e: print("CancelledError", e.args, f.cancelled(), asyncio.current_task().cancelling(), end(b))
    print(await b); log.clear()
    a, b = T(work("a")), T(work("b", 0.03)); f = asyncio.gather(a, b, return_exceptions=True); await asyncio.sleep(0.01); a.cancel()
    r = await f; print(type(r[0]).__name__, r[1]); log.clear()
    # nested gathers
    ks = [T(work(x)) for x in "abcd"]
    t = T(g(asyncio.gather(ks[0], ks[1]), asyncio.gather(ks[2], ks[3], return_exceptions=True))); await asyncio.sleep(0.01)
    t.cancel(); await asyncio.wait([t]); print(end(t), [end(k) for k in ks], log); log.clear()
    # the timeout around it
    try:
        async with asyncio.timeout(0.02): await asyncio.gather(work("a"), work("b", clean=0.01))
    except TimeoutError: print("TimeoutError", log)
    log.clear()
    # after the first error the others run on and can be cancelled
    async def err(): await asyncio.sleep(0.01); raise KeyError("k")
    b = T(work("b")); f = asyncio.gather(err(), b)
    try: await f
    except KeyError as e: print(repr(e), end(b), f.cancel())
    b.cancel(); await asyncio.wait([b]); print(end(b)); log.clear()
    # not begun yet
    f = asyncio.gather(work("a"), work("b")); f.cancel()
    try: await f
    except asyncio.CancelledError: print("cancelled before the start", log)
    # the same child twice, cancelled
    a = T(work("a")); f = asyncio.gather(a, a, return_exceptions=True); await asyncio.sleep(0); a.cancel()
    print([type(x).__name__ for x in await f]); log.clear()
    print(await asyncio.gather(), await asyncio.gather(return_exceptions=True))

asyncio.run(main())
