# AsyncExitStack, asynccontextmanager, nested async with: order, errors, suppression, cancellation.
import asyncio, contextlib
log = []
def show(*a): print(*a, log); log.clear()
def end(t): return "cancelled" if t.cancelled() else repr(t.exception() or t.result())

class R:
    def __init__(self, name, suppress=False, fail=None): self.name, self.suppress, self.fail = name, suppress, fail
    async def __aenter__(self): log.append(f"enter {self.name}"); await asyncio.sleep(0); return self.name
    async def __aexit__(self, t, e, tb):
        log.append(f"exit {self.name} {repr(e)}"); await asyncio.sleep(0)
        if self.fail: raise self.fail
        return self.suppress
@contextlib.asynccontextmanager
async def managed(name):
    log.append(f"enter {name}"); await asyncio.sleep(0)
    try: yield name
    except BaseException as e: log.append(f"{name} sees {repr(e)}"); raise
    finally: log.append(f"exit {name}")

async def main():
    async with contextlib.AsyncExitStack() as s:
        print(await s.enter_async_context(R("a")), await s.enter_async_context(R("b")))
        s.push_async_callback(note, "callback"); s.callback(log.append, "plain callback")
    show("left")
    try:
        async with contextlib.AsyncExitStack() as s:
            await s.enter_async_context(R("a")); await s.enter_async_context(R("b")); raise ValueError("body")
    except ValueError as e: show(repr(e))
    async with contextlib.AsyncExitStack() as s:
        await s.enter_async_context(R("a")); await s.enter_async_context(R("b", suppress=True)); raise ValueError("body")
    show("suppressed")
    try:
        async with contextlib.AsyncExitStack() as s:
            await s.enter_async_context(R("a")); await s.enter_async_context(R("b", fail=KeyError("b")))
    except KeyError as e: show(repr(e))
    async def uses():
        async with contextlib.AsyncExitStack() as s:
            await s.enter_async_context(R("a")); await s.enter_async_context(managed("m")); await asyncio.sleep(5)
    t = asyncio.create_task(uses()); await asyncio.sleep(0.01); t.cancel(); await asyncio.wait([t]); show(end(t))
    s = contextlib.AsyncExitStack(); await s.enter_async_context(R("a")); moved = s.pop_all(); await s.aclose(); show("moved"); await moved.aclose(); show("closed")
    async with managed("x") as x: log.append(x)
    show("managed")
    try:
        async with managed("x"): raise ValueError("in it")
    except ValueError as e: show(repr(e))
    async with R("outer"), R("inner"): log.append("body")
    show("two")
    t = asyncio.create_task(inside()); await asyncio.sleep(0); t.cancel(); await asyncio.wait([t]); show(end(t))

async def note(x): await asyncio.sleep(0); log.append(x)
async def inside():
    async with R("entering"): log.append("not reached")
asyncio.run(main())
