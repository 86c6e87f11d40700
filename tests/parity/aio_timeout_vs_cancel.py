# timeout() and cancellations from outside: before, together with and after the deadline; nested; who sees what.
import asyncio, time

def end(t):
    if not t.done(): return "pending"
    return "cancelled" if t.cancelled() else repr(t.exception() or t.result())
T, S = asyncio.create_task, asyncio.sleep

async def main():
    loop = asyncio.get_running_loop()
    async def f(limit, clean=0, log=None):
        async with asyncio.timeout(limit) as t:
            try: await S(5)
            finally:
                if log is not None: log.append(("expired", t.expired(), asyncio.current_task().cancelling()))
                await S(clean)
    # only one of the two
    a, b = T(f(0.02)), T(f(5)); await S(0.01); b.cancel("out"); await asyncio.wait([a, b]); print(end(a), end(b), a.cancelling(), b.cancelling())
    # cancelled during the cleanup after the deadline: the cancellation wins
    log = []; a = T(f(0.01, 0.05, log)); await S(0.03); a.cancel(); await asyncio.wait([a]); print(end(a), a.cancelling(), log)
    # the deadline passes during the cleanup after a cancellation
    log = []; a = T(f(0.03, 0.05, log)); await S(0.01); a.cancel(); await asyncio.wait([a]); print(end(a), a.cancelling(), log)
    # both in one turn, in either order
    async def both(first):
        me = asyncio.current_task()
        async with asyncio.timeout(0.01) as t:
            loop.call_at(t.when() + (-1e-9 if first else 1e-9), me.cancel)
            time.sleep(0.02); await S(5)
    for first in (True, False):
        a = T(both(first)); await asyncio.wait([a]); print(end(a), a.cancelling())
    # nested: the outer deadline comes first, the inner, both
    async def nested(o, i):
        try:
            async with asyncio.timeout(o) as outer:
                try:
                    async with asyncio.timeout(i) as inner: await S(5)
                except TimeoutError: return "inner", outer.expired(), inner.expired()
                except asyncio.CancelledError: print("inner saw CancelledError", outer.expired(), inner.expired()); raise
        except TimeoutError: return "outer", outer.expired(), inner.expired()
    print(await nested(0.01, 0.1), await nested(0.1, 0.01))
    # the same block cancelled from outside while both run
    a = T(nested(5, 5)); await S(0.01); a.cancel(); await asyncio.wait([a]); print(end(a))
    # a timeout of zero, in the past, of none
    for limit in (0, -1):
        try:
            async with asyncio.timeout(limit) as t: print("begins"); await S(0); print("not reached")
        except TimeoutError: print("TimeoutError", t.expired(), asyncio.current_task().cancelling())
    async with asyncio.timeout(0): pass
    print("no await, no timeout")
    async with asyncio.timeout(None) as t: await S(0.01); print(t.when(), t.expired())
    # entered by a task that was cancelled already
    async def late():
        me = asyncio.current_task(); me.cancel()
        async with asyncio.timeout(0): await S(5)
    a = T(late()); await asyncio.wait([a]); print(end(a), a.cancelling())
    async def counted():
        try: await S(5)
        except asyncio.CancelledError: pass
        try:
            async with asyncio.timeout(0.01): await S(5)
        except TimeoutError: return "TimeoutError in spite of an older request", asyncio.current_task().cancelling()
    a = T(counted()); await S(0); a.cancel(); print(await a, a.cancelling())
    # reschedule
    async with asyncio.timeout(0.01) as t:
        t.reschedule(loop.time() + 0.05); await S(0.02); print("still here", t.expired()); t.reschedule(None); await S(0.05); print("and here", t.when())
    try: t.reschedule(1)
    except RuntimeError as e: print(e)
    try:
        async with asyncio.timeout(5) as t: t.reschedule(loop.time() - 1); await S(0); print("not reached")
    except TimeoutError: print("rescheduled into the past")
    # wait_for and a cancellation
    async def w(x): return await asyncio.wait_for(x, 0.02)
    inner = T(S(5)); a = T(w(inner)); await S(0.01); a.cancel(); await asyncio.wait([a]); print(end(a), end(inner))
    async def stubborn():
        try: await S(5)
        except asyncio.CancelledError: await S(0.03); return "stubborn"
    a = T(w(stubborn())); await S(0.01); a.cancel(); await asyncio.wait([a]); print(end(a), a.cancelling())
    # a TimeoutError of the body itself is not the scope's
    try:
        async with asyncio.timeout(5) as t: raise TimeoutError("own")
    except TimeoutError as e: print(repr(e), t.expired())
    # timeout_at
    try:
        async with asyncio.timeout_at(loop.time() + 0.01): await S(5)
    except TimeoutError: print("timeout_at")

asyncio.run(main())
