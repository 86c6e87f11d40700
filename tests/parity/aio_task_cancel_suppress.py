# Tasks that swallow, convert, delay and count their cancellations.
import asyncio

def end(t):
    if not t.done(): return "pending"
    return "cancelled" if t.cancelled() else repr(t.exception() or t.result())
T, S = asyncio.create_task, asyncio.sleep

async def main():
    log, me = [], asyncio.current_task
    async def swallow():
        try: await S(5)
        except asyncio.CancelledError as e: log.append(e.args)
        await S(0.01); return "lived on"
    t = T(swallow()); await S(0); t.cancel("first"); print(await t, t.cancelled(), t.cancelling(), log); log.clear()
    async def convert():
        try: await S(5)
        except asyncio.CancelledError: raise ValueError("converted")
    t = T(convert()); await S(0); t.cancel(); await asyncio.wait([t]); print(end(t), t.cancelling())
    # several requests in one turn are one exception, several turns several
    async def count(n):
        seen = 0
        while seen < n:
            try: await S(0.02); break
            except asyncio.CancelledError as e: seen += 1; log.append(e.args)
        return seen, me().cancelling()
    t = T(count(5)); await S(0); t.cancel("a"); t.cancel("b"); t.cancel("c"); print(await t, log); log.clear()
    t = T(count(3)); await S(0)
    for x in "xyz": t.cancel(x); await S(0)
    print(await t, log, t.cancelling()); log.clear()
    # uncancel: floor 0; only the count
    t = T(S(5)); await S(0); print(t.uncancel(), t.cancelling()); t.cancel(); t.cancel(); print(t.cancelling(), t.uncancel(), t.uncancel(), t.uncancel()); await asyncio.wait([t]); print(end(t))
    # cleanup that awaits, interrupted by a second request
    async def cleanup(t):
        try: await S(5)
        finally: await S(t); log.append("cleaned")
    for n in (1, 2):
        t = T(cleanup(0.03)); await S(0)
        for _ in range(n): t.cancel(); await S(0.01)
        await asyncio.wait([t]); print(n, log, end(t), t.cancelling()); log.clear()
    # cancel itself: runs on to the next await, or ends cancelled
    async def self_cancel(wait):
        me().cancel("me"); log.append("still running")
        if wait: await S(0); log.append("not reached")
        return "value"
    for w in (True, False):
        t = T(self_cancel(w)); await asyncio.wait([t]); print(end(t), log); log.clear()
    # raised without a request
    async def raises(): raise asyncio.CancelledError("by hand")
    t = T(raises())
    try: await t
    except asyncio.CancelledError as e: print(e.args, t.cancelled(), t.cancelling(), me().cancelling())
    # returns right after the request reached it
    async def late():
        try: await S(5)
        except asyncio.CancelledError: return "caught"
    t = T(late()); await S(0); t.cancel(); await S(0); print(end(t), t.cancel(), t.cancelling())
    # cancelled before its start, and in the turn of its start
    async def begins(): log.append("begins"); await S(5)
    t = T(begins()); t.cancel("early"); await asyncio.wait([t]); print(end(t), log)
    u = T(begins()); asyncio.get_running_loop().call_soon(u.cancel); await asyncio.wait([u]); print(end(u), log); log.clear()
    # during a await that is ready
    async def ready():
        f = asyncio.get_running_loop().create_future(); f.set_result(1); me().cancel()
        log.append(await f); log.append("past the ready one"); await S(0); log.append("not reached")
    t = T(ready()); await asyncio.wait([t]); print(end(t), log); log.clear()
    # the result of cancel() after the end; messages; repeated waiting
    t = T(S(0, "r")); await t; print(t.cancel(), t.cancelling(), t.result())
    t = T(S(5)); await S(0); t.cancel("why")
    try: await t
    except asyncio.CancelledError as e: print(e.args)
    for f in (t.result, t.exception):
        try: f()
        except asyncio.CancelledError: print("CancelledError", t.done(), t.cancelled())
    # two tasks wait for one that is cancelled: both see it, neither was cancelled
    inner = T(S(5)); ts = [T(asyncio.wait_for(inner, 1)) if i else T(follow(inner)) for i in range(2)]; await S(0); inner.cancel("inner")
    await asyncio.wait(ts); print([end(t) for t in ts], [t.cancelling() for t in ts])

async def follow(t): return await t
asyncio.run(main())
