# as_completed as an async iterator (3.13): the original tasks in the order of their completion.
import asyncio

async def work(t, r):
    await asyncio.sleep(t); return r
async def err(t, e):
    await asyncio.sleep(t); raise e

async def main():
    a, b = asyncio.create_task(work(0.04, "a"), name="A"), asyncio.create_task(work(0.02, "b"), name="B")
    async for t in asyncio.as_completed([a, b]): print(t.get_name(), t is a, t.done(), t.result())
    c = asyncio.create_task(err(0.01, ValueError("v")), name="C")
    async for t in asyncio.as_completed([c, a]): print(t.get_name(), repr(t.exception()))
    slow = asyncio.create_task(work(0.1, "slow"), name="S")
    try:
        async for t in asyncio.as_completed([slow, b], timeout=0.02): print(t.get_name())
    except TimeoutError: print("TimeoutError", slow.done())
    print(await slow)
    n = 0
    async for t in asyncio.as_completed([work(0, 1), work(0, 2)]): n += await t
    print(n)

asyncio.run(main())
