// The rules that naive versions break, one test each, under their number: tasks, futures, waiting.
#include "asyncio/work.h"

#include <thread>

using asyncio::create_task;

ASYNC_TEST_CASE("rule 1: awaiting a coroutine is a call, not a hand-over to the loop") {
  asyncio::current_task().set_name("me");
  bool loop_ran = false;
  asyncio::get_running_loop().call_soon([&loop_ran] { loop_ran = true; });
  auto f = []() -> Coro<std::string> { co_return asyncio::current_task().get_name(); };
  auto call = f();
  CHECK(co_await call == "me");
  CHECK(!loop_ran);
  co_await asyncio::sleep(0s);
  CHECK(loop_ran);
  std::string again = co_await ending(std::move(call));
  CHECK(again == "RuntimeError('cannot reuse already awaited coroutine')");
}

ASYNC_TEST_CASE("rule 2: create_task only schedules; an eager start runs up to the first wait") {
  Log log;
  auto f = [&log](std::string x) -> Coro<void> {
    log.push_back(x);
    co_return;
  };
  std::vector<asyncio::Task<void>> tasks;
  for (const char* x : {"a", "b", "c"}) tasks.push_back(create_task(f(x)));
  log.push_back("created");
  co_await asyncio::sleep(0s);
  CHECK(log == Log{"created", "a", "b", "c"});
  for (auto& task : tasks) CHECK(task.done());

  log.clear();
  auto g = [&log]() -> Coro<int> {
    log.push_back(asyncio::current_task().get_name());
    co_await asyncio::sleep(0s);
    log.push_back("second step");
    co_return 1;
  };
  auto outer = asyncio::current_task();
  auto waits = create_task(g(), asyncio::TaskOptions().name("eager").eager_start(true));
  CHECK(log == Log{"eager"});
  CHECK(asyncio::current_task() == outer);
  auto ends = create_task(f("at once"), asyncio::TaskOptions().eager_start(true));
  CHECK(ends.done());
  CHECK(co_await waits == 1);
  asyncio::get_running_loop().set_task_factory(asyncio::eager_task_factory);
  CHECK(create_task(f("by the factory")).done());
}

ASYNC_TEST_CASE("rule 3: call_soon is FIFO, and a turn runs only what was ready at its start") {
  Log log;
  asyncio::EventLoop loop = asyncio::get_running_loop();
  struct Chain {
    static void step(asyncio::EventLoop loop, Log& log, std::string tag, int n) {
      log.push_back(tag + std::to_string(n));
      if (n > 0) loop.call_soon([=, &log] { step(loop, log, tag, n - 1); });
    }
  };
  loop.call_soon([&] { Chain::step(loop, log, "a", 2); });
  loop.call_soon([&] { Chain::step(loop, log, "b", 2); });
  loop.call_later(0s, [&] { log.push_back("timer"); });
  while (log.size() < 7) co_await asyncio::sleep(0s);
  CHECK(log == Log{"a2", "b2", "timer", "a1", "b1", "a0", "b0"});
}

TEST_CASE("rule 4: stop() ends the turn, not the callback; before a run it means one turn") {
  asyncio::EventLoop loop;
  Log log;
  loop.call_soon([&] {
    log.push_back("1");
    loop.call_soon([&] { log.push_back("3"); });
  });
  loop.call_soon([&] { loop.stop(); });
  loop.call_soon([&] { log.push_back("2"); });
  loop.run_forever();
  CHECK(log == Log{"1", "2"});
  loop.stop();
  loop.run_forever();
  CHECK(log == Log{"1", "2", "3"});
  auto never = loop.create_future<int>();
  loop.call_soon([&] { loop.stop(); });
  CHECK_THROWS_WITH_AS(loop.run_until_complete(never),
                       "Event loop stopped before Future completed.", heddle::RuntimeError);
  loop.close();
}

ASYNC_TEST_CASE("rule 5: timers run in the order of their deadlines, never early, ties FIFO") {
  std::vector<double> log;
  asyncio::EventLoop loop = asyncio::get_running_loop();
  heddle::Nanoseconds now = loop.time();
  for (int d : {60, 20, -1, 40}) loop.call_at(now + d * 1'000'000, [&log, d] { log.push_back(d); });
  for (int i = 0; i < 6; ++i)
    loop.call_at(now + 80'000'000, [&log, i] { log.push_back(1000 + i); });
  co_await asyncio::sleep(150ms);
  CHECK(log == std::vector<double>{-1, 20, 40, 60, 1000, 1001, 1002, 1003, 1004, 1005});
}

ASYNC_TEST_CASE("rule 6: sleep(0) yields once; a finished awaitable does not yield") {
  auto done = create_task(asyncio::sleep(0s));
  co_await done;
  Log log;
  auto other = [&log]() -> Coro<void> {
    log.push_back("other ran");
    co_return;
  };
  auto task = create_task(other());
  co_await done;
  log.push_back("after finished await");
  co_await asyncio::sleep(0s);
  log.push_back("after sleep(0)");
  CHECK(log == Log{"after finished await", "other ran", "after sleep(0)"});
  co_await task;
}

ASYNC_TEST_CASE("rule 7: done callbacks run through the loop, in order, in their context") {
  static heddle::ContextVar<int> var("rule7", 0);
  auto f = asyncio::create_future<int>();
  Log log;
  for (std::string x : {"a", "b"})
    f.add_done_callback([&log, x](const auto&) { log.push_back(x + std::to_string(var.get())); });
  heddle::Context other = heddle::copy_context();
  other.run([] { var.set(7); });
  f.add_done_callback([&log](const auto&) { log.push_back("c" + std::to_string(var.get())); },
                      other);
  auto gone = f.add_done_callback([&log](const auto&) { log.push_back("removed"); });
  CHECK(f.remove_done_callback(gone) == 1);
  CHECK(f.remove_done_callback(gone) == 0);
  f.set_result(1);
  log.push_back("set");
  co_await asyncio::sleep(0s);
  f.add_done_callback([&log](const auto&) { log.push_back("late"); });
  log.push_back("added");
  co_await asyncio::sleep(0s);
  CHECK(log == Log{"set", "a0", "b0", "c7", "added", "late"});
}

ASYNC_TEST_CASE("rule 8: cancel() is a request, delivered at the wait in the next turn") {
  auto t = create_task(work());
  co_await asyncio::sleep(0s);
  CHECK(t.cancel("why"));
  CHECK(!t.cancelled());
  CHECK(!t.done());
  CHECK(t.cancelling() == 1);
  CHECK(co_await ending(t) == "cancelled: why");
  CHECK(t.cancelled());
  static_assert(!std::is_base_of_v<std::exception, heddle::CancelledError>);
}

ASYNC_TEST_CASE(
    "rule 9: cancelled before the first step the body never runs; in the last, the value is lost") {
  Log log;
  auto body = [&log]() -> Coro<std::string> {
    log.push_back("body");
    co_return "value";
  };
  auto self_cancel = [&log]() -> Coro<std::string> {
    asyncio::current_task().cancel();
    log.push_back("still running");
    co_return "value";
  };
  auto a = create_task(body());
  auto b = create_task(self_cancel());
  a.cancel();
  co_await until_done(b);
  CHECK(log == Log{"still running"});
  CHECK(outcome(a) == "cancelled");
  CHECK(outcome(b) == "cancelled");
}

ASYNC_TEST_CASE("rule 10: cancelling a finished task does nothing; a done future takes no result") {
  auto t = create_task(asyncio::sleep(0s, std::string("kept")));
  co_await t;
  auto f = asyncio::create_future<int>();
  CHECK(f.cancel());
  CHECK(!t.cancel());
  CHECK(t.cancelling() == 0);
  CHECK(t.result() == "kept");
  CHECK(!f.cancel());
  CHECK_THROWS_AS(f.set_result(1), heddle::InvalidStateError);
}

ASYNC_TEST_CASE("rule 11: a cancellation may be swallowed; requests are counted and taken back") {
  auto twice = []() -> Coro<std::pair<unsigned, unsigned>> {
    for (int i = 0; i < 2; ++i) {
      try {
        co_await asyncio::sleep(5s);
      } catch (const heddle::CancelledError&) {
        // goes on
      }
    }
    auto me = asyncio::current_task();
    unsigned before = me.cancelling();
    co_return std::pair(before, me.uncancel());
  };
  auto t = create_task(twice());
  for (int i = 0; i < 2; ++i) {
    co_await asyncio::sleep(20ms);
    t.cancel();
  }
  CHECK(co_await t == std::pair(2u, 1u));
  CHECK(!t.cancelled());
  CHECK(t.cancelling() == 1);
  // Down to zero: what was not delivered yet is withdrawn.
  auto withdraws = []() -> Coro<int> {
    asyncio::current_task().cancel();
    asyncio::current_task().uncancel();
    co_await asyncio::sleep(0s);
    co_return 1;
  };
  CHECK(co_await create_task(withdraws()) == 1);
}

static Coro<std::string> on(asyncio::Task<std::string> x) { co_return co_await x; }

ASYNC_TEST_CASE("rule 12: cancellation travels down the chain of awaits, and comes back up") {
  auto inner = create_task(work());
  auto outer = create_task(on(inner));
  co_await asyncio::sleep(20ms);
  outer.cancel();
  co_await until_done(outer);
  CHECK(outcome(outer) == "cancelled");
  CHECK(outcome(inner) == "cancelled");
  CHECK(outer.cancelling() == 1);
  CHECK(inner.cancelling() == 1);
  inner = create_task(work());
  outer = create_task(on(inner));
  co_await asyncio::sleep(20ms);
  inner.cancel();
  co_await until_done(outer);
  CHECK(outcome(outer) == "cancelled");
  CHECK(outer.cancelling() == 0);
  CHECK(inner.cancelling() == 1);
}

ASYNC_TEST_CASE("rule 13: a cancellation after the wake-up wins, and the value is dropped") {
  auto f = asyncio::create_future<std::string>();
  auto waits = [f]() -> Coro<std::string> { co_return co_await f; };
  auto t = create_task(waits());
  co_await asyncio::sleep(0s);
  f.set_result("value");
  CHECK(t.cancel());
  co_await until_done(t);
  CHECK(outcome(t) == "cancelled");
  CHECK(f.result() == "value");
}

ASYNC_TEST_CASE("rule 14: cleanup may await, and a second cancellation interrupts it") {
  for (int n : {1, 2}) {
    Log log;
    auto f = [&log]() -> Coro<std::string> {
      std::exception_ptr failure;
      try {
        co_await asyncio::sleep(5s);
      } catch (...) {
        failure = std::current_exception();
      }
      co_await asyncio::sleep(50ms);
      log.push_back("cleanup finished");
      std::rethrow_exception(failure);
    };
    auto t = create_task(f());
    co_await asyncio::sleep(0s);
    for (int i = 0; i < n; ++i) {
      t.cancel();
      co_await asyncio::sleep(10ms);
    }
    co_await until_done(t);
    CHECK(log.size() == (n == 1 ? 1u : 0u));
    CHECK(outcome(t) == "cancelled");
  }
}

ASYNC_TEST_CASE("rule 15: wait_for waits for the cancelled work to end") {
  asyncio::EventLoop loop = asyncio::get_running_loop();
  heddle::Nanoseconds begin = loop.time();
  std::string how = co_await ending(asyncio::wait_for(work({.cleanup = 200ms}), 50ms));
  CHECK(how == "TimeoutError()");
  CHECK(loop.time() - begin >= 250'000'000);
}

ASYNC_TEST_CASE("rule 16: wait_for gives what the work ends with in spite of the cancellation") {
  CHECK(co_await asyncio::wait_for(work({.eats = "ate it"}), 20ms) == "ate it");
  auto f = []() -> Coro<std::string> {
    try {
      co_await asyncio::sleep(5s);
    } catch (const heddle::CancelledError&) {
      throw heddle::KeyError("own");
    }
    co_return "";
  };
  CHECK(co_await ending(asyncio::wait_for(f(), 20ms)) == "KeyError('own')");
}

ASYNC_TEST_CASE(
    "rule 17: wait_for with no time: a done future gives its result, a coroutine never starts") {
  bool started = false;
  auto body = [&started]() -> Coro<void> {
    started = true;
    co_return;
  };
  auto d = create_task(asyncio::sleep(0s, std::string("done")));
  co_await d;
  CHECK(co_await asyncio::wait_for(d, 0s) == "done");
  CHECK(co_await asyncio::wait_for(d, -1s) == "done");
  CHECK(co_await ending(asyncio::wait_for(body(), 0s)) == "TimeoutError()");
  CHECK(!started);
  CHECK(co_await asyncio::wait_for(work({.delay = 1h}), std::nullopt) == "r");
}

ASYNC_TEST_CASE("rule 18: a cancellation from outside is never lost in wait_for") {
  auto limited = [](asyncio::Future<std::string> x) -> Coro<std::string> {
    co_return co_await asyncio::wait_for(x, 5s);
  };
  auto inner = create_task(work());
  auto t = create_task(limited(inner));
  co_await asyncio::sleep(20ms);
  t.cancel();
  co_await until_done(t);
  CHECK(outcome(t) == "cancelled");
  CHECK(outcome(inner) == "cancelled");
  auto future = asyncio::create_future<std::string>();
  t = create_task(limited(future));
  co_await asyncio::sleep(0s);
  future.set_result("ready");
  t.cancel();
  co_await until_done(t);
  CHECK(outcome(t) == "cancelled");
  CHECK(t.cancelling() == 1);
}

ASYNC_TEST_CASE(
    "rule 19: gather throws the first error at once, siblings run on, order of arguments") {
  auto late = create_task(work({.delay = 50ms}));
  CHECK(co_await ending(asyncio::gather(fail(), late)) == "ValueError('boom')");
  CHECK(!late.done());
  CHECK(co_await late == "r");
  auto [error, x] = co_await asyncio::gather(asyncio::return_exceptions, fail(20ms),
                                             asyncio::sleep(0s, std::string("x")));
  CHECK(heddle::repr(error.exception()) == "ValueError('boom')");
  CHECK(x.value() == "x");
  auto [a, b] = co_await asyncio::gather(late, late);
  CHECK(a == "r");
  CHECK(b == "r");
  CHECK((co_await asyncio::gather(std::vector<Coro<int>>())).empty());
}

ASYNC_TEST_CASE(
    "rule 20: cancelling a gather cancels all; a child cancelled by itself is an error") {
  auto a = create_task(work());
  auto b = create_task(work());
  auto g = [](auto x, auto y) -> Coro<std::string> {
    auto [first, second] = co_await asyncio::gather(asyncio::return_exceptions, x, y);
    co_return heddle::repr(first.exception()) + " " + second.value();
  };
  auto t = create_task(g(a, b));
  co_await asyncio::sleep(20ms);
  t.cancel();
  co_await until_done(t);
  CHECK(outcome(t) + outcome(a) + outcome(b) == "cancelledcancelledcancelled");
  a = create_task(work());
  b = create_task(work({.delay = 50ms}));
  t = create_task(g(a, b));
  co_await asyncio::sleep(20ms);
  a.cancel();
  CHECK(co_await t == "CancelledError() r");
}

ASYNC_TEST_CASE("rule 21: wait() only watches") {
  std::vector<asyncio::Task<std::string>> all{create_task(work({.delay = 20ms})),
                                              create_task(fail(60ms)),
                                              create_task(work({.delay = 200ms}))};
  auto counts = [&all](asyncio::WaitOptions options) -> Coro<std::pair<std::size_t, std::size_t>> {
    auto result = co_await asyncio::wait(all, options);
    co_return std::pair(result.done.size(), result.pending.size());
  };
  using Counts = std::pair<std::size_t, std::size_t>;
  CHECK(co_await counts({.timeout = 10ms}) == Counts(0, 3));
  CHECK(co_await counts({.return_when = asyncio::FIRST_COMPLETED}) == Counts(1, 2));
  CHECK(co_await counts({.return_when = asyncio::FIRST_EXCEPTION}) == Counts(2, 1));
  auto waiter = create_task(counts({}));
  co_await asyncio::sleep(0s);
  waiter.cancel();
  co_await until_done(waiter);
  CHECK(!all[2].done());
  CHECK(co_await counts({}) == Counts(3, 0));
  CHECK(outcome(all[0]) + outcome(all[1]) + outcome(all[2]) == "rValueError('boom')r");
  std::vector<asyncio::Task<int>> none;
  CHECK(co_await ending(asyncio::wait(none)) == "ValueError('Set of Tasks/Futures is empty.')");
}

ASYNC_TEST_CASE("rule 22: as_completed gives each distinct one in the order of their ends") {
  auto slow = create_task(work({.delay = 200ms}));
  std::vector<asyncio::Future<std::string>> given{slow, create_task(work({.delay = 20ms})), slow,
                                                  create_task(fail(50ms))};
  Log log;
  auto arriving = asyncio::as_completed(given, heddle::Delay(100ms));
  for (auto next : arriving) log.push_back(co_await ending(std::move(next)));
  CHECK(log == Log{"r", "ValueError('boom')", "TimeoutError()"});
  CHECK(!slow.done());
  CHECK(co_await slow == "r");
  std::vector<asyncio::Task<std::string>> tasks{create_task(work({.delay = 20ms})),
                                                create_task(work({.delay = 10ms}))};
  auto same = asyncio::as_completed(tasks);
  auto first = co_await asyncio::next(same);
  auto second = co_await asyncio::next(same);
  CHECK((first && *first == tasks[1]));
  CHECK((second && *second == tasks[0]));
  CHECK(!(co_await asyncio::next(same)));
}

ASYNC_TEST_CASE("rule 23: shield protects the work, not the waiter") {
  auto on_shield = [](asyncio::Task<std::string> x) -> Coro<std::string> {
    co_return co_await asyncio::shield(x);
  };
  auto inner = create_task(work({.delay = 50ms}));
  auto t = create_task(on_shield(inner));
  co_await asyncio::sleep(20ms);
  t.cancel();
  co_await until_done(t);
  CHECK(outcome(t) == "cancelled");
  CHECK(!inner.done());
  CHECK(co_await inner == "r");
  inner = create_task(work());
  t = create_task(on_shield(inner));
  co_await asyncio::sleep(20ms);
  inner.cancel();
  co_await until_done(t);
  CHECK(outcome(t) == "cancelled");
}
