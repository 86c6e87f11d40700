# shield: the waiter is cancelled, the work is not; the work's own cancellation and errors come through.
import asyncio

def end(t):
    if not t.done(): return "pending"
    return "cancelled" if t.cancelled() else repr(t.exception() or t.result())
async def work(t=5, r="r", e=None):
    await asyncio.sleep(t)
    if e: raise e
    return r

async def main():
    T, S = asyncio.create_task, asyncio.sleep
    async def on(x): return await asyncio.shield(x)
    inner = T(work(0.03, "finished")); t = T(on(inner)); await S(0.01); t.cancel("m")
    try: await t
    except asyncio.CancelledError as e: print(e.args, inner.done(), inner.cancelling())
    print(await inner)
    inner = T(work()); t = T(on(inner)); await S(0.01); inner.cancel(); await asyncio.wait([t]); print(end(t), t.cancelling())
    inner = T(work(0.01, e=ValueError("v"))); t = T(on(inner)); await asyncio.wait([t]); print(end(t))
    # a done one gives itself
    inner = T(work(0)); await inner; s = asyncio.shield(inner); print(s is inner, await s)
    # of a coroutine
    print(await asyncio.shield(work(0, "coroutine")))
    # shield and cancel the outer future directly
    inner = T(work(0.02)); s = asyncio.shield(inner); print(s.cancel(), s.cancelled(), inner.done()); print(await inner)
    # in wait_for: the timeout abandons the work
    inner = T(work(0.05, "kept"))
    try: await asyncio.wait_for(asyncio.shield(inner), 0.01)
    except TimeoutError: print("TimeoutError", inner.done())
    print(await inner)
    # gather of shields
    a, b = T(work(0.03, "a")), T(work(0.03, "b")); g = asyncio.gather(asyncio.shield(a), asyncio.shield(b))
    await S(0); g.cancel()
    try: await g
    except asyncio.CancelledError: print("gather cancelled", end(a), end(b))
    print(await a, await b)
    # the usual pattern: finish the work before going on with the cancellation
    async def careful():
        w = T(work(0.03, "saved"))
        try: return await asyncio.shield(w)
        except asyncio.CancelledError:
            print("must go, but first", await w); raise
    t = T(careful()); await S(0.01); t.cancel(); await asyncio.wait([t]); print(end(t))
    # several shields of one task
    inner = T(work(0.02, "shared")); ts = [T(on(inner)) for _ in range(3)]; await S(0); ts[1].cancel()
    await asyncio.wait(ts); print([end(t) for t in ts])
    # cancelled before the first step: the work never starts to be awaited
    inner = T(work(0.01)); t = T(on(inner)); t.cancel(); await asyncio.wait([t]); print(end(t), await inner)

asyncio.run(main())
