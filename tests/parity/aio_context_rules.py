# Which context runs what: tasks, eager tasks, callbacks, timers, done callbacks, gather, groups, generators, handlers.
import asyncio, contextvars
v = contextvars.ContextVar("v", default="default")
log = []
async def get(set_to=None):
    old = v.get()
    if set_to: v.set(set_to)
    await asyncio.sleep(0); log.append((old, v.get())); return v.get()

async def main():
    loop = asyncio.get_running_loop(); v.set("main")
    t = asyncio.create_task(get("task")); v.set("changed"); print(await t, v.get(), log); log.clear()
    print(await asyncio.gather(get("a"), get("b")), v.get(), log); log.clear()
    async with asyncio.TaskGroup() as tg: a, b = tg.create_task(get("x")), tg.create_task(get())
    print(a.result(), b.result(), v.get()); log.clear()
    print(await asyncio.wait_for(get("in wait_for's"), 1) in ("in wait_for's",), await asyncio.shield(get("in shield")), v.get() != "in shield"); log.clear(); v.set("main")
    ctx = contextvars.copy_context(); ctx.run(v.set, "ctx")
    loop.call_soon(lambda: log.append(v.get()), context=ctx); loop.call_soon(lambda: log.append(v.get()))
    loop.call_later(0, lambda: log.append(v.get()), context=ctx); v.set("later")
    f = loop.create_future(); f.add_done_callback(lambda _: log.append(("done", v.get()))); f.add_done_callback(lambda _: log.append(("ctx", v.get())), context=ctx)
    v.set("after adding"); f.set_result(None); await asyncio.sleep(0.001); print(log); log.clear()
    t = asyncio.create_task(get("kept"), context=ctx); await t; print(ctx[v], v.get()); log.clear()
    u = asyncio.create_task(get(), context=ctx); print(await u); log.clear()
    # a callback changes its own copy
    loop.call_soon(v.set, "callback"); await asyncio.sleep(0); print(v.get())
    # an async generator runs in the context of whoever asks
    async def gen():
        yield v.get(); yield v.get()
    g = gen(); first = await anext(g); v.set("second"); print(first, await anext(g))
    async def ask(): v.set("asker"); return await anext(gen())
    print(await asyncio.create_task(ask()), v.get())
    # tokens
    tok = v.set("temp"); print(tok.old_value); v.reset(tok); print(v.get())
    for bad in (lambda: v.reset(tok), lambda: contextvars.ContextVar("w").reset(v.set("x"))):
        try: bad()
        except (RuntimeError, ValueError) as e: print(type(e).__name__)
    w = contextvars.ContextVar("w")
    try: w.get()
    except LookupError: print("LookupError", w.get("fallback"), w.name)
    # run_coroutine_threadsafe takes the caller's? the task is made in the loop, in a copy of the posting thread's context
    def other(): v.set("thread"); return asyncio.run_coroutine_threadsafe(get(), loop).result()
    print(await asyncio.to_thread(other)); log.clear()
    # the timer of a timeout, the context of a nested task
    async def nested(): v.set("outer task"); return await asyncio.create_task(get())
    print(await asyncio.create_task(nested()))

asyncio.run(main()); print(v.get())
