# What goes to the exception handler, and what does not: unretrieved errors of tasks, futures, gathers, groups, shields.
import asyncio, gc
seen = []
def handler(loop, c): seen.append((c["message"].split("<")[0].strip(), repr(c.get("exception"))))
def show(*a): gc.collect(); print(*a, seen); seen.clear()
async def err(e="e", t=0): await asyncio.sleep(t); raise ValueError(e)
async def ok(t=0): await asyncio.sleep(t); return "ok"

async def main():
    loop = asyncio.get_running_loop(); loop.set_exception_handler(handler)
    asyncio.create_task(err("dropped")); await asyncio.sleep(0.01); show("a dropped task:")
    t = asyncio.create_task(err()); await asyncio.wait([t]); t.exception(); del t; show("asked for:")
    t = asyncio.create_task(err())
    try: await t
    except ValueError: pass
    del t; show("awaited:")
    t = asyncio.create_task(err()); await asyncio.wait([t]); del t; show("only waited for:")
    t = asyncio.create_task(ok(5)); await asyncio.sleep(0); t.cancel(); await asyncio.wait([t]); del t; show("cancelled:")
    f = loop.create_future(); f.set_exception(KeyError("future")); del f; show("a future:")
    f = loop.create_future(); f.set_result(1); del f; f = loop.create_future(); del f; show("a result, a pending one:")
    try: await asyncio.gather(err("first"), err("second", 0.01))
    except ValueError as e: print(repr(e))
    await asyncio.sleep(0.02); show("gather:")
    await asyncio.gather(err("kept"), ok(), return_exceptions=True); show("gather that keeps:")
    try:
        async with asyncio.TaskGroup() as tg: tg.create_task(err("group")); tg.create_task(ok(5))
    except* ValueError: pass
    show("group:")
    t = asyncio.create_task(err("wait_for", 0.01))
    try: await asyncio.wait_for(t, 1)
    except ValueError: pass
    del t; show("wait_for:")
    for c in asyncio.as_completed([err("as_completed"), ok()]):
        try: await c
        except ValueError: pass
    del c; show("as_completed:")
    def bad(): raise OSError("callback")
    loop.call_soon(bad); await asyncio.sleep(0); show("a callback:")
    loop.call_exception_handler(dict(message="by hand")); show("by hand:")
    async def leaves():
        t = asyncio.create_task(err("inner")); await asyncio.sleep(0.01); return "outer is fine"
    print(await leaves()); show("left behind:")

asyncio.run(main())
