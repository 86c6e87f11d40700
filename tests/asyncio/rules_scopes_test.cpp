// The rules that naive versions break, one test each, under their number: groups, timeouts, locks,
// queues and the end of a run. Rule 38 is about streams.
#include "asyncio/work.h"

#include <semaphore>
#include <thread>

using asyncio::create_task;

static Coro<std::string> fails_in_cleanup() {
  try {
    co_await asyncio::sleep(5s);
  } catch (const CancelledError&) {
    throw heddle::KeyError("in cleanup");
  }
  co_return "";
}

ASYNC_TEST_CASE("rule 24: one failure stops a TaskGroup, and all errors are kept") {
  asyncio::Task<std::string> k = create_task(work());
  auto body = [&k](asyncio::TaskGroup& tg) -> Coro<void> {
    tg.create_task(fails_in_cleanup());
    tg.create_task(fail(20ms));
    k = tg.create_task(work());
    co_return;
  };
  k.cancel();
  std::string how = co_await ending(asyncio::with(asyncio::TaskGroup(), body));
  CHECK(how ==
        "ExceptionGroup('unhandled errors in a TaskGroup', [ValueError('boom'), KeyError('in "
        "cleanup')])");
  CHECK(outcome(k) == "cancelled");
}

ASYNC_TEST_CASE("rule 25: a TaskGroup takes its own cancellation back") {
  auto body = [](asyncio::TaskGroup& tg) -> Coro<void> {
    tg.create_task(fail());
    co_await asyncio::sleep(5s);
  };
  try {
    co_await asyncio::with(asyncio::TaskGroup(), body);
  } catch (const heddle::ExceptionGroup&) {
    // expected
  }
  CHECK(asyncio::current_task().cancelling() == 0);
  CHECK(co_await asyncio::sleep(0s, 5) == 5);
}

ASYNC_TEST_CASE("rule 26: a cancellation from outside goes up unless a child failed") {
  for (bool bad : {false, true}) {
    std::vector<asyncio::Task<std::string>> k;
    auto parent = [&]() -> Coro<std::string> {
      auto body = [&](asyncio::TaskGroup& tg) -> Coro<void> {
        k.push_back(tg.create_task(work({.cleanup = 50ms})));
        if (bad) tg.create_task(fails_in_cleanup());
        co_return;
      };
      co_await asyncio::with(asyncio::TaskGroup(), body);
      co_return "";
    };
    auto p = create_task(parent());
    co_await asyncio::sleep(20ms);
    p.cancel();
    co_await until_done(p);
    CHECK(k[0].done());
    CHECK(outcome(p).substr(0, 14) == (bad ? "ExceptionGroup" : "cancelled"));
  }
}

ASYNC_TEST_CASE("rule 27: tasks may be added while the group is open; cancel() ends it early") {
  auto nothing = []() -> Coro<int> { co_return 1; };
  std::optional<asyncio::Task<int>> child;
  auto group = std::make_unique<asyncio::TaskGroup>();
  auto grandparent = [&]() -> Coro<int> {
    auto task = group->create_task(nothing());
    co_return co_await task;
  };
  auto early = nothing();
  CHECK_THROWS_WITH_AS(group->create_task(early), "TaskGroup <TaskGroup> has not been entered",
                       heddle::RuntimeError);
  auto body = [&](asyncio::TaskGroup& tg) -> Coro<void> {
    child = tg.create_task(grandparent());
    co_return;
  };
  co_await asyncio::with(*group, body);
  CHECK(child->result() == 1);
  auto late = nothing();
  CHECK_THROWS_WITH_AS(group->create_task(late), "TaskGroup <TaskGroup> is finished",
                       heddle::RuntimeError);
  bool after = false;
  auto cancels = [&](asyncio::TaskGroup& tg) -> Coro<void> {
    tg.create_task(asyncio::sleep(1h));
    tg.cancel();
    tg.cancel();
    co_await asyncio::sleep(1h);
    after = true;
  };
  co_await asyncio::with(asyncio::TaskGroup(), cancels);
  CHECK(!after);
  asyncio::TaskGroup never_begins;
  never_begins.cancel();
  auto sleeps = [&after](asyncio::TaskGroup&) -> Coro<void> {
    co_await asyncio::sleep(1h);
    after = true;
  };
  co_await asyncio::with(never_begins, sleeps);
  CHECK(!after);
  CHECK(asyncio::current_task().cancelling() == 0);
}

static Coro<std::string> under_timeout(heddle::Delay cleanup) {
  auto body = [cleanup]() -> Coro<void> { co_await work({.cleanup = cleanup}); };
  co_await asyncio::with(asyncio::timeout(50ms), body);
  co_return "";
}

ASYNC_TEST_CASE("rule 28: timeout() converts only its own cancellation") {
  auto a = create_task(under_timeout(50ms));
  auto b = create_task(under_timeout(50ms));
  co_await asyncio::sleep(70ms);
  a.cancel();
  co_await until_done(a);
  co_await until_done(b);
  CHECK(outcome(a) == "cancelled");
  CHECK(outcome(b) == "TimeoutError()");
  auto inner = []() -> Coro<void> { co_await asyncio::sleep(5s); };
  auto outer = [&]() -> Coro<void> { co_await asyncio::with(asyncio::timeout(1h), inner); };
  CHECK(co_await ending(asyncio::with(asyncio::timeout(10ms), outer)) == "TimeoutError()");
}

ASYNC_TEST_CASE("rule 29: a swallowed cancellation is no TimeoutError; other errors pass through") {
  asyncio::Timeout limit = asyncio::timeout(20ms);
  auto swallows = []() -> Coro<void> {
    try {
      co_await asyncio::sleep(5s);
    } catch (const CancelledError&) {
      // goes on
    }
  };
  co_await asyncio::with(limit, swallows);
  CHECK(limit.expired());
  CHECK(asyncio::current_task().cancelling() == 0);
  auto other = []() -> Coro<void> { co_await fails_in_cleanup(); };
  CHECK(co_await ending(asyncio::with(asyncio::timeout(20ms), other)) == "KeyError('in cleanup')");
}

ASYNC_TEST_CASE("rule 30: an error that nobody looks at goes to the exception handler") {
  Log seen;
  asyncio::get_running_loop().set_exception_handler(
      [&seen](auto&, const asyncio::ExceptionContext& context) {
        seen.push_back(context.message + " " + heddle::repr(context.exception));
        CHECK(context.task != nullptr);
      });
  {
    auto t = create_task(fail());
    co_await asyncio::sleep(20ms);
    CHECK(seen.empty());
  }
  CHECK(seen == Log{"Task exception was never retrieved ValueError('boom')"});
}

static asyncio::AsyncGenerator<int> two(Log& log) {
  struct Closed {
    Log& log;
    ~Closed() { log.push_back("closed"); }
  } closed{log};
  co_yield 1;
  co_await asyncio::sleep(20ms);
  co_yield 2;
}

ASYNC_TEST_CASE("rule 31: leaving a loop early leaves the generator open; one consumer at a time") {
  Log log;
  auto g = two(log);
  auto first = co_await g.next();
  CHECK(*first == 1);
  CHECK(log.empty());
  auto step = [&g]() -> Coro<int> { co_return co_await g.anext(); };
  auto [a, b] = co_await asyncio::gather(asyncio::return_exceptions, step(), step());
  CHECK(a.value() == 2);
  CHECK(heddle::message_of(b.exception())
            .starts_with("anext(): asynchronous generator is already running"));
  co_await g.aclose();
  CHECK(log == Log{"closed"});
}

TEST_CASE("rule 32: run() cancels what is left, waits for it, and then gives the result") {
  Log log;
  auto left = [&log]() -> Coro<void> {
    std::exception_ptr failure;
    try {
      co_await asyncio::sleep(5s);
    } catch (...) {
      failure = std::current_exception();
    }
    co_await asyncio::sleep(20ms);
    log.push_back("leftover cleaned up");
    std::rethrow_exception(failure);
  };
  auto main = [&]() -> Coro<int> {
    create_task(left());
    co_await asyncio::sleep(0s);
    log.push_back("main returns");
    co_return 7;
  };
  CHECK(asyncio::run(main()) == 7);
  CHECK(log == Log{"main returns", "leftover cleaned up"});
}

static heddle::ContextVar<int> v("v");

ASYNC_TEST_CASE("rule 33: a task copies the context; an awaited coroutine shares it") {
  v.set(1);
  auto f = []() -> Coro<int> {
    int old = v.get();
    v.set(old + 10);
    co_return old;
  };
  auto t = create_task(f());
  v.set(2);
  CHECK(co_await t == 1);
  CHECK(v.get() == 2);
  CHECK(co_await f() == 2);
  CHECK(v.get() == 12);
  auto get = [] { return v.get(0); };
  CHECK(co_await asyncio::to_thread(get) == 12);
  CHECK(co_await asyncio::get_running_loop().run_in_executor(nullptr, get) == 0);
}

ASYNC_TEST_CASE("rule 34: Lock is FIFO without barging, and a cancelled waiter passes it on") {
  asyncio::Lock lock;
  Log log;
  co_await lock.acquire();
  auto use = [&](std::string x) -> Coro<std::string> {
    auto held = co_await lock.hold();
    log.push_back(x);
    co_return x;
  };
  auto a = create_task(use("a"));
  auto b = create_task(use("b"));
  co_await asyncio::sleep(0s);
  lock.release();
  a.cancel();
  auto c = create_task(use("c"));
  co_await until_done(c);
  CHECK(log == Log{"b", "c"});
  CHECK(outcome(a) == "cancelled");
  CHECK(!lock.locked());
  CHECK_THROWS_WITH_AS(lock.release(), "Lock is not acquired.", heddle::RuntimeError);
}

ASYNC_TEST_CASE("rule 35: Condition.wait always returns with the lock held") {
  asyncio::Condition cv;
  bool held_at_end = false;
  auto w = [&]() -> Coro<std::string> {
    auto held = co_await cv.hold();
    std::exception_ptr failure;
    try {
      co_await cv.wait();
    } catch (...) {
      failure = std::current_exception();
    }
    held_at_end = cv.locked();
    std::rethrow_exception(failure);
  };
  auto t = create_task(w());
  co_await asyncio::sleep(0s);
  {
    auto held = co_await cv.hold();
    t.cancel();
    co_await asyncio::sleep(20ms);
    CHECK(!t.done());
    t.cancel();
    co_await asyncio::sleep(20ms);
    CHECK(!t.done());
  }
  co_await until_done(t);
  CHECK(held_at_end);
  CHECK(outcome(t) == "cancelled");
  CHECK(!cv.locked());
}

ASYNC_TEST_CASE(
    "rule 36: Event.set() wakes all who wait now; a Semaphore's slot is the oldest waiter's") {
  asyncio::Event e;
  auto t = create_task(e.wait());
  co_await asyncio::sleep(0s);
  e.set();
  e.clear();
  CHECK(co_await t);
  CHECK(!e.is_set());
  asyncio::Semaphore s(0);
  Log log;
  auto use = [&](std::string x) -> Coro<void> {
    co_await s.acquire();
    log.push_back(x);
  };
  auto waiter = create_task(use("waiter"));
  co_await asyncio::sleep(0s);
  s.release();
  s.release();
  CHECK(s.locked());
  co_await use("newcomer");
  CHECK(log == Log{"waiter", "newcomer"});
  asyncio::BoundedSemaphore bounded(1);
  CHECK_THROWS_WITH_AS(bounded.release(), "BoundedSemaphore released too many times",
                       heddle::ValueError);
}

ASYNC_TEST_CASE(
    "rule 37: a cancelled getter loses nothing; join() counts tasks; shutdown() drains") {
  asyncio::Queue<std::string> q;
  auto a = create_task(q.get());
  auto b = create_task(q.get());
  co_await asyncio::sleep(0s);
  q.put_nowait("item");
  a.cancel();
  co_await until_done(b);
  CHECK(outcome(a) == "cancelled");
  CHECK(outcome(b) == "item");
  auto j = create_task(q.join());
  co_await asyncio::sleep(20ms);
  CHECK(!j.done());
  q.task_done();
  co_await j;
  CHECK_THROWS_WITH_AS(q.task_done(), "task_done() called too many times", heddle::ValueError);
  q.put_nowait("last");
  q.shutdown();
  CHECK_THROWS_AS(q.put_nowait("x"), asyncio::QueueShutDown);
  CHECK(co_await q.get() == "last");
  CHECK(co_await ending(q.get()) == "asyncio::QueueShutDown()");
  asyncio::Queue<int> dropped;
  dropped.put_nowait(1);
  auto joiner = create_task(dropped.join());
  co_await asyncio::sleep(0s);
  dropped.shutdown(true);
  co_await joiner;
  CHECK(dropped.empty());
}

TEST_CASE("rule 39: work in a thread cannot be cancelled; the wait for it can") {
  std::binary_semaphore begin(0);
  std::atomic<bool> ran_on{false};
  auto blocks = [&] {
    begin.acquire();
    ran_on = true;
  };
  auto main = [&]() -> Coro<void> {
    std::string how = co_await ending(asyncio::wait_for(asyncio::to_thread(blocks), 20ms));
    CHECK(how == "TimeoutError()");
    CHECK(!ran_on);
    begin.release();
  };
  asyncio::run(main());  // joins the thread
  CHECK(ran_on);
}

ASYNC_TEST_CASE("rule 40: one bad callback does not stop the loop") {
  Log seen;
  asyncio::EventLoop loop = asyncio::get_running_loop();
  loop.set_exception_handler([&seen](auto&, const asyncio::ExceptionContext& context) {
    seen.push_back(heddle::repr(context.exception));
    CHECK(context.handle != nullptr);
  });
  loop.call_soon([] { throw heddle::ZeroDivisionError("division by zero"); });
  loop.call_soon([&seen] { seen.push_back("next one ran"); });
  co_await asyncio::sleep(0s);
  CHECK(seen == Log{"ZeroDivisionError('division by zero')", "next one ran"});
  auto me = []() -> Coro<void> { co_await asyncio::Future<void>(asyncio::current_task().core()); };
  std::string how = co_await ending(create_task(me()));
  CHECK(how.substr(0, 40) == "RuntimeError(\"Task cannot await on itsel");
}
