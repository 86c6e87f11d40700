# Leaving an async for early, aclosing, concurrent consumers, cancellation inside a generator.
import asyncio, contextlib

log = []
async def gen(n=3, t=0):
    try:
        for i in range(n): log.append(f"yield {i}"); yield i; await asyncio.sleep(t)
        log.append("exhausted")
    except GeneratorExit: log.append("GeneratorExit"); raise
    except asyncio.CancelledError: log.append("CancelledError"); raise
    finally: log.append("closing"); await asyncio.sleep(0); log.append("closed")
def show(*a): print(*a, log); log.clear()
def end(t):
    if not t.done(): return "pending"
    return "cancelled" if t.cancelled() else repr(t.exception() or t.result())

async def main():
    g = gen()
    async for x in g:
        if x == 1: break
    show("after break"); await g.aclose(); show("after aclose"); await g.aclose(); show("again")
    async with contextlib.aclosing(gen()) as g:
        async for x in g: break
    show("aclosing")
    try:
        async with contextlib.aclosing(gen()) as g:
            async for x in g: raise ValueError("body")
    except ValueError as e: show(repr(e))
    async for x in (g := gen(2)): pass
    show("to the end"); print(await anext(g, "default"))
    try: await anext(g)
    except StopAsyncIteration: print("StopAsyncIteration")
    # two consumers at once
    g = gen(5, 0.01); await anext(g)
    r = await asyncio.gather(anext(g), anext(g), return_exceptions=True); print(r[0], repr(r[1])); await g.aclose(); log.clear()
    # in turn is fine
    g, got = gen(4), []
    async def take():
        for _ in range(2): got.append(await anext(g))
    await take(); await asyncio.create_task(take()); print(got); await g.aclose(); log.clear()
    # cancelled while the generator waits: it ends
    g = gen(3, 5)
    async def consume():
        async for x in g: pass
    t = asyncio.create_task(consume()); await asyncio.sleep(0.01); t.cancel(); await asyncio.wait([t]); show(end(t)); print(await anext(g, "over"))
    # cancelled while the consumer waits: the generator stays suspended
    g = gen()
    async def slow():
        async for x in g: await asyncio.sleep(5)
    t = asyncio.create_task(slow()); await asyncio.sleep(0.01); t.cancel(); await asyncio.wait([t]); show(end(t)); await g.aclose(); show("closed by hand")
    # timeouts around a step
    g = gen(3, 5); await anext(g)
    try: await asyncio.wait_for(anext(g), 0.01)
    except TimeoutError: show("TimeoutError")
    # athrow
    g = gen(); await anext(g)
    try: await g.athrow(KeyError("thrown"))
    except KeyError as e: show(repr(e))
    g = gen()
    try: await g.athrow(KeyError("unstarted"))
    except KeyError as e: show(repr(e))
    g = gen(); await g.aclose(); show("unstarted, closed"); print(await anext(g, "over"))
    # a generator over a generator
    async def double(inner):
        async with contextlib.aclosing(inner):
            async for x in inner: yield 2 * x
    async with contextlib.aclosing(double(gen())) as d:
        async for x in d:
            if x == 2: break
    show("both closed")
    print([x async for x in double(gen())]); log.clear()

asyncio.run(main())
