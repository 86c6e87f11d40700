"""Programs of nested scopes, and how each ends in CPython (3.13 or later): python3 nested_scopes.py > nested_scopes.expected

A program is a tree of at most three levels of scopes; times are microseconds of a virtual clock, all different:

    sN      sleeps              fN      sleeps, then raises ValueError        eN      sleeps; ends when cancelled
    cN.M    sleeps; when cancelled sleeps M more and is cancelled             xN      sleeps; when cancelled raises KeyError
    TN(p)   async with timeout(N): await p          WN(p)   wait_for(p, N)    S(p)    shield(create_task(p))
    G(p,q)  a TaskGroup of the tasks p and q        B(p,q)  a TaskGroup of the task q, whose body awaits p
    A(p,q)  gather(p, q)                            @N      the whole is cancelled at that time

A line is the program, how it ended with Task.cancelling() at that moment, and what became of each leaf and when.
"""
import asyncio
import random
import selectors

PROGRAMS = 5000


class VirtualSelector(selectors.SelectSelector):
    def select(self, timeout=None):
        if timeout:
            self.loop.now += timeout
        return super().select(0)


class VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self):
        selector = VirtualSelector()
        selector.loop = self
        self.now = 0.0
        super().__init__(selector)
        self.set_exception_handler(lambda loop, context: None)

    def time(self):
        return self.now


def generate(rng, depth):
    """A tree as nested tuples: (kind, numbers, children)."""
    if depth == 0 or rng.random() < 0.15:
        kind = rng.choice("ssffcex")
        return (kind, [number(rng)] + ([number(rng)] if kind == "c" else []), [])
    kind = rng.choice("TTWSGGBA")
    numbers = [number(rng)] if kind in "TW" else []
    children = [generate(rng, depth - 1) for _ in range(2 if kind in "GBA" else 1)]
    return (kind, numbers, children)


def number(rng):
    return rng.randrange(1, 1_000_000)


def text(node):
    kind, numbers, children = node
    inner = "(" + ",".join(map(text, children)) + ")" if children else ""
    return kind + ".".join(map(str, numbers)) + inner


class Run:
    def __init__(self):
        self.log = []

    def note(self, node, what):
        self.log.append((round(asyncio.get_running_loop().time() * 1e6), text(node), what))

    async def leaf(self, node):
        kind, numbers, _ = node
        try:
            await asyncio.sleep(numbers[0] / 1e6)
        except asyncio.CancelledError:
            self.note(node, "cancelled")
            if kind == "e":
                return
            if kind == "x":
                raise KeyError("x")
            if kind == "c":
                await asyncio.sleep(numbers[1] / 1e6)
                self.note(node, "cleaned")
            raise
        self.note(node, "slept")
        if kind == "f":
            raise ValueError("f")

    async def run(self, node):
        kind, numbers, children = node
        if not children:
            await self.leaf(node)
        elif kind == "T":
            async with asyncio.timeout(numbers[0] / 1e6):
                await self.run(children[0])
        elif kind == "W":
            await asyncio.wait_for(self.run(children[0]), numbers[0] / 1e6)
        elif kind == "S":
            await asyncio.shield(asyncio.create_task(self.run(children[0])))
        elif kind == "G":
            async with asyncio.TaskGroup() as group:
                for child in children:
                    group.create_task(self.run(child))
        elif kind == "B":
            async with asyncio.TaskGroup() as group:
                group.create_task(self.run(children[1]))
                await self.run(children[0])
        elif kind == "A":
            await asyncio.gather(*map(self.run, children))


def shape(error):
    if isinstance(error, BaseExceptionGroup):
        return "[" + ",".join(sorted(map(shape, error.exceptions))) + "]"
    return type(error).__name__


def outcome(node, cancel_at):
    run = Run()
    ended = []

    async def whole():
        try:
            await run.run(node)
            how = "ok"
        except BaseException as error:
            how = shape(error)
        ended.append(f"{how} {asyncio.current_task().cancelling()}")

    async def main():
        task = asyncio.create_task(whole())
        if cancel_at is not None:
            asyncio.get_running_loop().call_later(cancel_at / 1e6, task.cancel)
        await asyncio.wait([task])
        # What shields left running ends by itself: run() would cancel it in no particular order.
        while others := asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.wait(others)

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(main())
    leaves = " ".join(f"{leaf}:{what}@{when}" for when, leaf, what in sorted(run.log))
    return (ended or ["never began"])[0] + "\t" + leaves


def main():
    rng = random.Random(1)
    for _ in range(PROGRAMS):
        node = generate(rng, rng.choice((1, 2, 3, 3)))
        cancel_at = number(rng) if rng.random() < 0.6 else None
        print(text(node) + (f"@{cancel_at}" if cancel_at is not None else "") + "\t" + outcome(node, cancel_at))


main()
