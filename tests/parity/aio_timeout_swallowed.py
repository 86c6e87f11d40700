# timeout(): what happens when the body swallows the cancellation or turns it into something else.
import asyncio
S = asyncio.sleep

async def main():
    cancelling = asyncio.current_task().cancelling
    async with asyncio.timeout(0.01) as t:
        try: await S(5)
        except asyncio.CancelledError: print("swallowed", t.expired(), cancelling())
        await S(0.01); print("goes on")
    print("no TimeoutError", t.expired(), cancelling())
    try:
        async with asyncio.timeout(0.01) as t:
            try: await S(5)
            except asyncio.CancelledError: raise ValueError("instead")
    except ValueError as e: print(repr(e), t.expired(), cancelling())
    try:
        async with asyncio.timeout(0.01) as t:
            try: await S(5)
            finally: raise KeyError("in cleanup")
    except KeyError as e: print(repr(e), t.expired(), cancelling())
    # returned in spite of it
    async def f():
        async with asyncio.timeout(0.01):
            try: await S(5)
            except asyncio.CancelledError: return "value"
    print(await f(), cancelling())
    # an inner timeout swallowed, the outer one fires later
    try:
        async with asyncio.timeout(0.04) as outer:
            try:
                async with asyncio.timeout(0.01) as inner: await S(5)
            except TimeoutError: print("inner", outer.expired(), inner.expired())
            await S(5)
    except TimeoutError: print("outer", outer.expired(), cancelling())
    # a timeout in the cleanup after a timeout
    try:
        async with asyncio.timeout(0.01):
            try: await S(5)
            finally:
                try:
                    async with asyncio.timeout(0.01): await S(5)
                except TimeoutError: print("cleanup took too long", cancelling())
    except TimeoutError: print("outer one", cancelling())
    # in a loop: each one on its own
    n = 0
    for _ in range(5):
        try:
            async with asyncio.timeout(0.005): await S(5)
        except TimeoutError: n += 1
    print(n, cancelling())
    # wait_for whose work swallows it, fails in it, or ends just then
    async def eat():
        try: await S(5)
        except asyncio.CancelledError: return "ate it"
    async def own():
        try: await S(5)
        except asyncio.CancelledError: raise KeyError("own")
    print(await asyncio.wait_for(eat(), 0.01))
    try: await asyncio.wait_for(own(), 0.01)
    except KeyError as e: print(repr(e))
    t = asyncio.create_task(eat()); print(await asyncio.wait_for(t, 0.01), t.cancelled(), cancelling())
    # a child task that is cancelled by the timeout and swallows it
    async with asyncio.timeout(0.01) as t:
        print(await asyncio.create_task(eat()))
    print(t.expired(), cancelling())
    # entered twice
    try:
        async with t: pass
    except RuntimeError as e: print(e)

asyncio.run(main())
