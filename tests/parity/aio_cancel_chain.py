# Cancellation down a chain of awaits and back up: tasks, futures, gathers, shields, several waiters.
import asyncio

def end(t):
    if not t.done(): return "pending"
    return "cancelled" if t.cancelled() else repr(t.exception() or t.result())
T, S = asyncio.create_task, asyncio.sleep
async def on(x): return await x

async def main():
    log = []
    async def work(tag):
        try: await S(5)
        except asyncio.CancelledError as e: log.append((tag, e.args)); raise
    # down a chain of three tasks
    a = T(work("a")); b = T(on(a)); c = T(on(b)); await S(0.01); print(c.cancel("msg")); await asyncio.wait([a, b, c])
    print([end(t) for t in (a, b, c)], [t.cancelling() for t in (a, b, c)], log); log.clear()
    # up: the innermost is cancelled
    a = T(work("a")); b = T(on(a)); c = T(on(b)); await S(0.01); a.cancel("inner")
    try: await c
    except asyncio.CancelledError as e: print(e.args, [t.cancelling() for t in (a, b, c)], asyncio.current_task().cancelling())
    log.clear()
    # the middle one
    a = T(work("a")); b = T(on(a)); c = T(on(b)); await S(0.01); b.cancel(); await asyncio.wait([c]); print([end(t) for t in (a, b, c)], [t.cancelling() for t in (a, b, c)]); log.clear()
    # the inner one swallows it: the outer gets its value and is not cancelled
    async def eat():
        try: await S(5)
        except asyncio.CancelledError: return "ate"
    a = T(eat()); b = T(on(a)); await S(0.01); b.cancel(); await asyncio.wait([b]); print(end(a), end(b), a.cancelling(), b.cancelling())
    # the inner one fails in its cleanup
    async def fail():
        try: await S(5)
        finally: raise ValueError("cleanup")
    a = T(fail()); b = T(on(a)); await S(0.01); b.cancel(); await asyncio.wait([b]); print(end(a), end(b))
    # the inner one takes its time: the outer waits
    async def slow():
        try: await S(5)
        finally: await S(0.03); log.append("slow done")
    a = T(slow()); b = T(on(a)); await S(0.01); b.cancel(); await S(0.01); print(end(a), end(b), log); await asyncio.wait([b]); print(end(a), end(b), log); log.clear()
    # a shared future: cancelled for all
    f = asyncio.get_running_loop().create_future(); ts = [T(on(f)) for _ in range(3)]; await S(0); ts[1].cancel(); await asyncio.wait(ts)
    print(f.cancelled(), [end(t) for t in ts], [t.cancelling() for t in ts])
    # a shared task
    w = T(work("w")); ts = [T(on(w)) for _ in range(2)]; await S(0.01); ts[0].cancel(); await asyncio.wait(ts); print(end(w), [end(t) for t in ts], log); log.clear()
    # through coroutines and a gather
    async def deep(n):
        try: return await (deep(n - 1) if n else asyncio.gather(work("x"), work("y")))
        except asyncio.CancelledError: log.append(n); raise
    t = T(deep(3)); await S(0.01); t.cancel(); await asyncio.wait([t]); print(end(t), log); log.clear()
    # through shield it stops
    w = T(work("w")); b = T(on(asyncio.shield(w))); c = T(on(b)); await S(0.01); c.cancel(); await asyncio.wait([c]); print(end(w), end(b), end(c), log); w.cancel(); await asyncio.wait([w]); log.clear()
    # wait() does not pass it on
    async def watch(*ts): await asyncio.wait(ts)
    w = T(work("w")); b = T(watch(w)); await S(0.01); b.cancel(); await asyncio.wait([b]); print(end(w), end(b), log)
    # after the inner one is done, before the outer has run
    f = asyncio.get_running_loop().create_future(); b = T(on(f)); await S(0); f.set_result("value"); print(b.cancel()); await asyncio.wait([b]); print(end(b), f.result())
    w.cancel(); await asyncio.wait([w]); a = T(S(0, "done")); b = T(on(a)); await S(0); await S(0); print(a.done(), b.done()); b.cancel(); await asyncio.wait([b]); print(end(a), end(b))
    # a finally that awaits a task which was cancelled too
    async def cleanup():
        k = T(work("k"))
        try: await S(5)
        finally:
            k.cancel()
            try: await k
            except asyncio.CancelledError: log.append("k is gone")
    log.clear(); t = T(cleanup()); await S(0.01); t.cancel(); await asyncio.wait([t]); print(end(t), log)

asyncio.run(main())
