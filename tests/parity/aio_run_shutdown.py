# The end of run(): leftovers are cancelled once and awaited, their errors reported, generators closed, the executor joined, the loop closed.
import asyncio, contextvars, threading, time

log = []
async def left(tag, clean=0, fail=None, eat=False):
    try: await asyncio.sleep(5)
    except asyncio.CancelledError:
        log.append(f"{tag} cancelled"); await asyncio.sleep(clean); log.append(f"{tag} cleaned")
        if fail: raise fail
        if not eat: raise
async def gen(tag):
    try: yield 1; yield 2
    finally: log.append(f"{tag} closing"); await asyncio.sleep(0); log.append(f"{tag} closed")

async def result(): asyncio.create_task(left("a", 0.01)); await asyncio.sleep(0); log.append("main returns"); return 7
print(asyncio.run(result()), log); log.clear()
async def fails(): asyncio.create_task(left("a")); await asyncio.sleep(0); raise ValueError("main")
try: asyncio.run(fails())
except ValueError as e: print(repr(e), log)
log.clear()
# errors of leftovers go to the exception handler
async def reports():
    asyncio.get_running_loop().set_exception_handler(lambda l, c: log.append((c["message"], repr(c["exception"]), c["task"].get_name())))
    asyncio.create_task(left("a", fail=KeyError("in cleanup")), name="leftover"); await asyncio.sleep(0)
print(asyncio.run(reports()), log); log.clear()
# one that swallows, and one that begins only then
async def swallows(): asyncio.create_task(left("a", eat=True)); await asyncio.sleep(0); asyncio.create_task(left("late"))
asyncio.run(swallows()); print(sorted(log)); log.clear()
# async generators
held = []
async def generators():
    g = gen("g"); held.append(g); print(await g.__anext__())
    held.append(gen("never begun")); asyncio.create_task(left("task")); await asyncio.sleep(0); log.append("main returns")
asyncio.run(generators()); print(log); held.clear(); log.clear()
# the default executor
async def executor():
    asyncio.get_running_loop().run_in_executor(None, lambda: (time.sleep(0.03), log.append("thread done"))); log.append("main returns")
asyncio.run(executor()); print(log); log.clear()
# all of it in order
async def all_of_it():
    g = gen("generator"); held.append(g); await g.__anext__()
    asyncio.get_running_loop().run_in_executor(None, lambda: (time.sleep(0.05), log.append("thread done")))
    asyncio.create_task(left("task")); await asyncio.sleep(0); log.append("main returns"); return asyncio.get_running_loop()
loop = asyncio.run(all_of_it()); print(log, loop.is_closed(), loop.is_running()); held.clear(); log.clear()
# callbacks after the end do not run
async def schedules(): asyncio.get_running_loop().call_later(0.001, log.append, "later"); asyncio.get_running_loop().call_soon(log.append, "soon")
asyncio.run(schedules()); time.sleep(0.005); print(log); log.clear()
# cancelled main
async def cancels(): asyncio.current_task().cancel("self"); await asyncio.sleep(0)
try: asyncio.run(cancels())
except asyncio.CancelledError as e: print("CancelledError", e.args)
# a Runner keeps its loop, and its context
var = contextvars.ContextVar("var", default="unset")
with asyncio.Runner() as runner:
    async def sets(): var.set("set in the first run"); return asyncio.get_running_loop()
    async def gets(): return var.get(), asyncio.get_running_loop()
    loop = runner.run(sets()); value, same = runner.run(gets()); print(value, same is loop, runner.get_loop() is loop, var.get())
    runner.run(gets(), context=contextvars.Context()); print(runner.run(gets(), context=contextvars.Context())[0])
    async def leaves(): asyncio.create_task(left("runner's")); await asyncio.sleep(0)
    runner.run(leaves()); print(log)
print(log, loop.is_closed()); log.clear()
c = gets()
try: runner.run(c)
except RuntimeError as e: print(e)
c.close()
async def nested():
    for f in (asyncio.run, asyncio.Runner().run):
        c = gets()
        try: f(c)
        except RuntimeError as e: print(e)
        c.close()
asyncio.run(nested())
# in a thread, with a loop factory
def factory(): log.append("made"); return asyncio.new_event_loop()
t = threading.Thread(target=lambda: log.append(asyncio.Runner(loop_factory=factory).run(gets())[0])); t.start(); t.join(); print(log)
