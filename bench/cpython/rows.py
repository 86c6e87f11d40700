"""The rows that CPython has: asyncio (or uvloop in its place), concurrent.futures, queue.

rows.py [--uvloop] [ROW [N]], with the meaning and the output of the C++ programs (bench/harness.h).
"""
import asyncio
import concurrent.futures
import queue
import sys
import threading
import time

warming_up = False


def report(row, value):
    if not warming_up:
        print(f"{row} {value:.3f}", flush=True)


class Stopwatch:
    def __init__(self):
        self.cpu, self.begin = time.process_time(), time.perf_counter()

    def seconds(self):
        return time.perf_counter() - self.begin

    def report(self, row, n):
        report(row, self.seconds() * 1e9 / n)

    def report_cpu(self, row, n):
        report(row, (time.process_time() - self.cpu) * 1e9 / n)


def sum_to(n):
    return n * (n + 1) // 2  # of child(0) ... child(n - 1)


async def child(i):
    return i + 1


async def await_ready(n):
    watch, total = Stopwatch(), 0
    for i in range(n):
        total += await child(i)
    watch.report("await_ready", n)
    assert total == sum_to(n)


async def spawn_join(n):
    watch, total = Stopwatch(), 0
    for i in range(n):
        total += await asyncio.create_task(child(i))
    watch.report("spawn_join", n)
    assert total == sum_to(n)


async def switches(n):
    for _ in range(n):
        await asyncio.sleep(0)


async def yield_(n):
    watch = Stopwatch()
    one, other = asyncio.create_task(switches(n // 2)), asyncio.create_task(switches(n // 2))
    await one
    await other
    watch.report("yield", n // 2 * 2)


def gather(row, most):
    async def run(n):
        k = min(most, n)
        rounds = n // k
        watch, total = Stopwatch(), 0
        for _ in range(rounds):
            total += sum(await asyncio.gather(*[child(i) for i in range(k)]))
        watch.report(row, rounds * k)
        assert total == rounds * sum_to(k)
    return run


async def taskgroup1000(n):
    rounds, k = max(1, n // 1000), 1000
    watch, total = Stopwatch(), 0
    for _ in range(rounds):
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(child(i)) for i in range(k)]
        total += sum(task.result() for task in tasks)
    watch.report("taskgroup1000", rounds * k)
    assert total == rounds * sum_to(k)


def peak_bytes():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:")) * 1024


async def sleep_many(n):
    before, watch = peak_bytes(), Stopwatch()
    tasks = [asyncio.create_task(asyncio.sleep((1000 + i % 1000) / 1000)) for i in range(n)]
    for task in tasks:
        await task
    report("sleep_many_wall", watch.seconds())
    watch.report_cpu("sleep_many_cpu", n)
    report("sleep_many_mem", (peak_bytes() - before) / n)


def never():
    raise AssertionError("a timer of a minute fired")


async def timer_cancel(n):
    loop = asyncio.get_running_loop()
    standing = [loop.call_later(60 + i / 1000, never) for i in range(100_000)]
    watch = Stopwatch()
    for i in range(n):
        loop.call_later(60 + i % 60_000 / 1000, never).cancel()
        if i % 1000 == 999:
            await asyncio.sleep(0)
    watch.report("timer_cancel", n)
    for timer in standing:
        timer.cancel()


async def timer_cancel_armed(n):
    loop, count = asyncio.get_running_loop(), 0
    standing = [loop.call_later(60 + i / 1000, never) for i in range(100_000)]
    watch = Stopwatch()
    while count < n:
        timers = [loop.call_later(60 + i * 7919 % 60_000 / 1000, never) for i in range(count, count + 1000)]
        count += 1000
        await asyncio.sleep(0)
        for timer in timers:
            timer.cancel()
    watch.report("timer_cancel_armed", count)
    for timer in standing:
        timer.cancel()


async def timer_fire(n):
    loop, all_fired, fired = asyncio.get_running_loop(), asyncio.Event(), 0

    def fire():
        nonlocal fired
        fired += 1
        if fired == n:
            all_fired.set()

    watch = Stopwatch()
    for i in range(n):
        loop.call_later((1 + i * 7919 % 1000) / 1000, fire)
    await all_fired.wait()
    watch.report_cpu("timer_fire", n)


async def yields_once():
    await asyncio.sleep(0)
    return 1


async def wait_for(n):
    watch, done = Stopwatch(), 0
    for _ in range(n):
        done += await asyncio.wait_for(yields_once(), 10)
    watch.report("wait_for", n)
    assert done == n


async def timeout_ctx(n):
    watch = Stopwatch()
    for _ in range(n):
        async with asyncio.timeout(10):
            await asyncio.sleep(0)
    watch.report("timeout_ctx", n)


async def wait_for_event(event):
    await event.wait()


async def cancel_storm(n):
    event, watch = asyncio.Event(), Stopwatch()
    tasks = [asyncio.create_task(wait_for_event(event)) for _ in range(n)]
    await asyncio.sleep(0)
    for task in tasks:
        task.cancel()
    cancelled = 0
    for task in tasks:
        try:
            await task
        except asyncio.CancelledError:
            cancelled += 1
    watch.report("cancel_storm", n)
    assert cancelled == n


async def cancel_storm_unread(n):
    event, watch = asyncio.Event(), Stopwatch()
    tasks = [asyncio.create_task(wait_for_event(event)) for _ in range(n)]
    await asyncio.sleep(0)
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    cancelled = sum(task.cancelled() for task in tasks)
    watch.report("cancel_storm_unread", n)
    assert cancelled == n


async def numbers(n):
    for i in range(n):
        yield i


async def agen(n):
    watch, total = Stopwatch(), 0
    async for number in numbers(n):
        total += number
    watch.report("agen", n)
    assert total == sum_to(n - 1)


def through_queue(row, pairs):
    async def run(n):
        items, share = asyncio.Queue(1024), n // pairs

        async def put_all():
            for i in range(share):
                await items.put(i)

        async def get_all():
            total = 0
            for _ in range(share):
                total += await items.get()
            return total

        watch = Stopwatch()
        producers = [asyncio.create_task(put_all()) for _ in range(pairs)]
        totals = await asyncio.gather(*[get_all() for _ in range(pairs)])
        for producer in producers:
            await producer
        watch.report(row, pairs * share)
        assert sum(totals) == pairs * sum_to(share - 1)
    return run


async def mutex_uncontended(n):
    lock, watch = asyncio.Lock(), Stopwatch()
    for _ in range(n):
        async with lock:
            pass
    watch.report("mutex_uncontended", n)


async def mutex_handoff(n):
    lock, share = asyncio.Lock(), max(1, n // 8)

    async def lock_and_yield():
        for _ in range(share):
            async with lock:
                await asyncio.sleep(0)

    watch = Stopwatch()
    await asyncio.gather(*[lock_and_yield() for _ in range(8)])
    watch.report("mutex_handoff", 8 * share)


async def post_rt(n):
    loop, answered, over = asyncio.get_running_loop(), threading.Semaphore(0), asyncio.Event()

    def foreign():
        watch = Stopwatch()
        for _ in range(n):
            loop.call_soon_threadsafe(answered.release)
            answered.acquire()
        watch.report("post_rt", n)
        loop.call_soon_threadsafe(over.set)

    thread = threading.Thread(target=foreign)
    thread.start()
    await over.wait()
    thread.join()


async def post_tp(n):
    loop, over, ran = asyncio.get_running_loop(), asyncio.Event(), 0

    def callback():
        nonlocal ran
        ran += 1
        if ran == n:
            over.set()

    def foreign():
        for _ in range(n):
            loop.call_soon_threadsafe(callback)

    watch = Stopwatch()
    thread = threading.Thread(target=foreign)
    thread.start()
    await over.wait()
    watch.report("post_tp", n)
    thread.join()


def one():
    return 1


async def offload_rt(n):
    loop, watch, done = asyncio.get_running_loop(), Stopwatch(), 0
    for _ in range(n):
        done += await loop.run_in_executor(None, one)
    watch.report("offload_rt", n)
    assert done == n


def exec_rt(n):
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        pool.submit(one).result()
        watch, done = Stopwatch(), 0
        for _ in range(n):
            done += pool.submit(one).result()
        watch.report("exec_rt", n)
        assert done == n


def busy(microseconds):
    end = time.perf_counter() + microseconds * 1e-6
    while time.perf_counter() < end:
        pass
    return 1


def submit_many(row, job, *arguments):
    def run(n):
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            pool.submit(one).result()
            watch = Stopwatch()
            results = [pool.submit(job, *arguments) for _ in range(n)]
            pool.shutdown()
            done = sum(result.result() for result in results)
            watch.report(row, n)
            assert done == n
    return run


def map_items(row, chunksize):
    def run(n):
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            pool.submit(one).result()
            watch = Stopwatch()
            total = sum(pool.map(lambda i: i + 1, range(n), chunksize=chunksize))
            watch.report(row, n)
            assert total == sum_to(n)
    return run


def identity(x):
    return x


def add_one(i):
    return i + 1


def proc_rt(n):
    with concurrent.futures.ProcessPoolExecutor(1) as pool:
        pool.submit(one).result()
        watch, done = Stopwatch(), 0
        for _ in range(n):
            done += pool.submit(one).result()
        watch.report("proc_rt", n)
        assert done == n


def proc_tp0(n):
    with concurrent.futures.ProcessPoolExecutor(2) as pool:
        pool.submit(one).result()
        watch = Stopwatch()
        results = [pool.submit(one) for _ in range(n)]
        done = sum(result.result() for result in results)
        watch.report("proc_tp0", n)
        assert done == n


def process_map(row, chunksize):
    def run(n):
        with concurrent.futures.ProcessPoolExecutor(2) as pool:
            pool.submit(one).result()
            watch = Stopwatch()
            total = sum(pool.map(add_one, range(n), chunksize=chunksize))
            watch.report(row, n)
            assert total == sum_to(n)
    return run


def proc_1m(n):
    sent = b"x" * (1 << 20)
    with concurrent.futures.ProcessPoolExecutor(1) as pool:
        pool.submit(one).result()
        watch = Stopwatch()
        for _ in range(n):
            assert len(pool.submit(identity, sent).result()) == len(sent)
        watch.report("proc_1m", n)


def proc_start(n):
    watch = Stopwatch()
    for _ in range(n):
        with concurrent.futures.ProcessPoolExecutor(2) as pool:
            first = pool.submit(one)
            assert first.result() + pool.submit(one).result() == 2
    watch.report("proc_start", n)


def through_threads(row, pairs):
    def run(n):
        items, share, totals = queue.Queue(1024), n // pairs, []

        def put_all():
            for i in range(share):
                items.put(i)

        def get_all():
            totals.append(sum(items.get() for _ in range(share)))

        threads = [threading.Thread(target=f) for f in (put_all, get_all) for _ in range(pairs)]
        watch = Stopwatch()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        watch.report(row, pairs * share)
        assert sum(totals) == pairs * sum_to(share - 1)
    return run


async def startup(n):
    pass


# Row: operations of a full sample, the coroutine.
IN_LOOP = {
    "await_ready": (3_000_000, await_ready),
    "spawn_join": (100_000, spawn_join),
    "yield": (400_000, yield_),
    "gather10": (200_000, gather("gather10", 10)),
    "gather1000": (200_000, gather("gather1000", 1000)),
    "gather1m": (1_000_000, gather("gather1m", 1_000_000)),
    "taskgroup1000": (200_000, taskgroup1000),
    "sleep_many": (1_000_000, sleep_many),
    "timer_cancel": (200_000, timer_cancel),
    "timer_cancel_armed": (200_000, timer_cancel_armed),
    "timer_fire": (300_000, timer_fire),
    "wait_for": (50_000, wait_for),
    "timeout_ctx": (100_000, timeout_ctx),
    "cancel_storm": (100_000, cancel_storm),
    "cancel_storm_unread": (100_000, cancel_storm_unread),
    "agen": (5_000_000, agen),
    "queue_spsc": (500_000, through_queue("queue_spsc", 1)),
    "queue_mpmc": (500_000, through_queue("queue_mpmc", 4)),
    "mutex_uncontended": (1_000_000, mutex_uncontended),
    "mutex_handoff": (100_000, mutex_handoff),
    "post_rt": (10_000, post_rt),
    "post_tp": (200_000, post_tp),
    "offload_rt": (10_000, offload_rt),
    "startup": (1, startup),
}
# The same without a loop.
WITHOUT_LOOP = {
    "exec_rt": (10_000, exec_rt),
    "exec_tp0": (50_000, submit_many("exec_tp0", one)),
    "exec_tp1": (50_000, submit_many("exec_tp1", busy, 1)),
    "exec_tp10": (20_000, submit_many("exec_tp10", busy, 10)),
    "map_chunk1": (50_000, map_items("map_chunk1", 1)),
    "map_chunk100": (50_000, map_items("map_chunk100", 100)),
    "proc_rt": (2_000, proc_rt),
    "proc_tp0": (10_000, proc_tp0),
    "proc_map1": (5_000, process_map("proc_map1", 1)),
    "proc_map100": (300_000, process_map("proc_map100", 100)),
    "proc_1m": (100, proc_1m),
    "proc_start": (10, proc_start),
    "tq_spsc": (300_000, through_threads("tq_spsc", 1)),
    "tq_mpmc": (300_000, through_threads("tq_mpmc", 4)),
}
COLD = {"sleep_many", "timer_fire", "gather1m", "proc_start", "startup"}


def main(arguments):
    global warming_up
    uvloop = "--uvloop" in arguments
    arguments = [a for a in arguments if a != "--uvloop"]
    rows = IN_LOOP if uvloop else IN_LOOP | WITHOUT_LOOP
    if not arguments:
        for row, (n, _) in rows.items():
            print(row, n)
        return
    row = arguments[0]
    n, function = rows[row]
    if uvloop:
        import uvloop as loops
        loops.install()
    run = (lambda k: asyncio.run(function(k))) if row in IN_LOOP else function
    if len(arguments) > 1:
        run(int(arguments[1]))
        return
    if row not in COLD:
        warming_up = True
        run(n // 20)
        warming_up = False
    run(n)


if __name__ == "__main__":
    main(sys.argv[1:])
