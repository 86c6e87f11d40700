# as_completed: order of completion, duplicates, errors, timeout, cancellation of the consumer; both forms.
import asyncio

async def work(t, r):
    await asyncio.sleep(t); return r
async def err(t, e):
    await asyncio.sleep(t); raise e
def end(t):
    if not t.done(): return "pending"
    return "cancelled" if t.cancelled() else repr(t.exception() or t.result())

async def main():
    print([await c for c in asyncio.as_completed([work(0.06, "c"), work(0.02, "a"), work(0.04, "b")])])
    t = asyncio.create_task(work(0.03, "twice"))
    print(len([await c for c in asyncio.as_completed([t, t, t])]))
    for c in asyncio.as_completed([err(0.01, ValueError("v")), work(0.03, "ok"), err(0.02, KeyError("k"))]):
        try: print(await c)
        except Exception as e: print(repr(e))
    slow = asyncio.create_task(work(0.2, "slow")); out = []
    for c in asyncio.as_completed([slow, work(0.01, "quick"), work(0.15, "late")], timeout=0.05):
        try: out.append(await c)
        except TimeoutError: out.append("TimeoutError")
    print(out, end(slow)); print(await slow)
    k = asyncio.create_task(work(5, "k")); asyncio.get_running_loop().call_later(0.01, k.cancel)
    for c in asyncio.as_completed([k, work(0.03, "sibling")]):
        try: print(await c)
        except asyncio.CancelledError: print("CancelledError", asyncio.current_task().cancelling())
    # the consumer is cancelled, the work goes on
    ks = [asyncio.create_task(work(0.05, i)) for i in range(2)]
    async def consume():
        for c in asyncio.as_completed(ks): await c
    t = asyncio.create_task(consume()); await asyncio.sleep(0.01); t.cancel(); await asyncio.wait([t])
    print(end(t), [end(k) for k in ks]); await asyncio.wait(ks); print([end(k) for k in ks])
    print(list(asyncio.as_completed([])))
    # leaving early
    ks = [asyncio.create_task(work(0.01 * (i + 1), i)) for i in range(3)]
    for c in asyncio.as_completed(ks):
        print("first", await c); break
    print(await asyncio.gather(*ks))
    # awaiting them in another order: each await gives the next that is done
    cs = list(asyncio.as_completed([work(0.02, "second"), work(0.01, "first")]))
    print(await cs[1], await cs[0])

asyncio.run(main())
