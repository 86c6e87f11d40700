#include <heddle/asyncio/cancel_scope.h>

#include "asyncio/work.h"

ASYNC_TEST_CASE("CancelScope: once cancelled, every wait inside throws, and the scope catches it") {
  asyncio::CancelScope scope;
  int interrupted = 0;
  auto body = [&]() -> Coro<void> {
    scope.cancel();
    for (int i = 0; i < 3; ++i) {
      try {
        co_await asyncio::sleep(i * 1s);
      } catch (const CancelledError& error) {
        CHECK(std::string(error.message()).empty());
        ++interrupted;
      }
    }
    co_await asyncio::sleep(1h);
  };
  co_await asyncio::with(scope, body);
  CHECK(interrupted == 3);
  CHECK(scope.cancel_called());
  CHECK(scope.cancelled_caught());
  co_await asyncio::sleep(0s);  // outside of it waits work
  CHECK(asyncio::current_task().cancelling() == 0);
}

ASYNC_TEST_CASE("CancelScope: cancelled from another task, it interrupts the wait") {
  asyncio::CancelScope scope;
  auto body = []() -> Coro<void> { co_await asyncio::sleep(1h); };
  auto inside = [&]() -> Coro<std::string> {
    co_await asyncio::with(scope, body);
    co_return "went on";
  };
  auto task = asyncio::create_task(inside());
  co_await asyncio::sleep(1ms);
  scope.cancel();
  scope.cancel();
  CHECK(co_await task == "went on");
}

ASYNC_TEST_CASE("CancelScope: a deadline cancels it; move_on_after() just ends the block") {
  asyncio::EventLoop loop = asyncio::get_running_loop();
  auto sleeps = []() -> Coro<void> { co_await asyncio::sleep(1h); };
  asyncio::CancelScope scope = asyncio::move_on_after(10ms);
  heddle::Nanoseconds begin = loop.time();
  co_await asyncio::with(scope, sleeps);
  CHECK(scope.cancelled_caught());
  CHECK(loop.time() - begin == 10'000'000);
  asyncio::CancelScope moved({.deadline = loop.time() + 1'000'000});
  auto moves = [&]() -> Coro<void> {
    moved.set_deadline(std::nullopt);
    co_await asyncio::sleep(1s);
    moved.set_deadline(loop.time() - 1);
    co_await asyncio::sleep(1h);
  };
  co_await asyncio::with(moved, moves);
  CHECK(moved.cancelled_caught());
  asyncio::CancelScope in_time = asyncio::move_on_at(loop.time() + 1'000'000'000);
  auto quick = []() -> Coro<void> { co_await asyncio::sleep(1ms); };
  co_await asyncio::with(in_time, quick);
  CHECK(!in_time.cancel_called());
}

ASYNC_TEST_CASE("CancelScope: the outer scope's cancellation goes through the inner one") {
  asyncio::CancelScope outer;
  asyncio::CancelScope inner;
  bool after_inner = false;
  auto in_inner = [&]() -> Coro<void> {
    outer.cancel();
    co_await asyncio::sleep(0s);
  };
  auto in_outer = [&]() -> Coro<void> {
    co_await asyncio::with(inner, in_inner);
    after_inner = true;
  };
  co_await asyncio::with(outer, in_outer);
  CHECK(!after_inner);
  CHECK(!inner.cancelled_caught());
  CHECK(outer.cancelled_caught());
}

ASYNC_TEST_CASE("CancelScope: a shield keeps outer scopes off, and requests until its end") {
  asyncio::CancelScope outer;
  Log log;
  auto cleanup = [&log]() -> Coro<void> {
    co_await asyncio::sleep(5ms);
    log.push_back("cleaned up");
  };
  auto in_outer = [&]() -> Coro<void> {
    outer.cancel();
    co_await asyncio::with(asyncio::CancelScope({.shield = true}), cleanup);
    co_await asyncio::sleep(0s);
    log.push_back("not reached");
  };
  co_await asyncio::with(outer, in_outer);
  CHECK(log == Log{"cleaned up"});
  auto shielded = [&]() -> Coro<std::string> {
    co_await asyncio::with(asyncio::CancelScope({.shield = true}), cleanup);
    co_await asyncio::sleep(0s);
    co_return "not reached";
  };
  auto task = asyncio::create_task(shielded());
  co_await asyncio::sleep(1ms);
  task.cancel("later");
  co_await asyncio::sleep(1ms);
  CHECK(!task.done());
  CHECK(co_await ending(task) == "cancelled: later");
  CHECK(log == Log{"cleaned up", "cleaned up"});
}

ASYNC_TEST_CASE("CancelScope: timeouts and groups inside of a shield work") {
  auto sleeps = []() -> Coro<void> { co_await asyncio::sleep(1h); };
  auto limited = [&]() -> Coro<void> { co_await asyncio::with(asyncio::timeout(5ms), sleeps); };
  CHECK(co_await ending(asyncio::with(asyncio::CancelScope({.shield = true}), limited)) ==
        "TimeoutError()");
  auto group = [&](asyncio::TaskGroup& tg) -> Coro<void> {
    tg.create_task(fail());
    co_await asyncio::sleep(1h);
  };
  auto grouped = [&]() -> Coro<void> { co_await asyncio::with(asyncio::TaskGroup(), group); };
  std::string how = co_await ending(asyncio::with(asyncio::CancelScope({.shield = true}), grouped));
  CHECK(how.starts_with("ExceptionGroup"));
  CHECK(asyncio::current_task().cancelling() == 0);
}

ASYNC_TEST_CASE("CancelScope: the tasks of a group inside are interrupted, again and again") {
  asyncio::CancelScope scope;
  int interrupted = 0;
  auto stubborn = [&]() -> Coro<void> {
    for (int i = 0; i < 3; ++i) {
      try {
        co_await asyncio::sleep(1h);
      } catch (const CancelledError&) {
        ++interrupted;
      }
    }
  };
  auto group = [&](asyncio::TaskGroup& tg) -> Coro<void> {
    tg.create_task(stubborn());
    co_await asyncio::sleep(1ms);
    scope.cancel();
    co_await asyncio::sleep(1h);
  };
  auto body = [&]() -> Coro<void> { co_await asyncio::with(asyncio::TaskGroup(), group); };
  co_await asyncio::with(scope, body);
  CHECK(interrupted == 3);
  CHECK(scope.cancelled_caught());
}

ASYNC_TEST_CASE("CancelScope: a request by Task::cancel() is not caught") {
  asyncio::CancelScope scope;
  auto body = []() -> Coro<void> { co_await asyncio::sleep(1h); };
  auto inside = [&]() -> Coro<void> { co_await asyncio::with(scope, body); };
  auto task = asyncio::create_task(inside());
  co_await asyncio::sleep(1ms);
  scope.cancel();
  task.cancel("mine");
  CHECK(co_await ending(task) == "cancelled: mine");
  CHECK(!scope.cancelled_caught());
}

ASYNC_TEST_CASE("CancelScope: other errors pass; it is entered once, and left in order") {
  asyncio::CancelScope scope;
  auto fails = [&]() -> Coro<void> {
    scope.cancel();
    co_await ending(asyncio::sleep(0s));
    throw heddle::KeyError("own");
  };
  CHECK(co_await ending(asyncio::with(scope, fails)) == "KeyError('own')");
  CHECK(co_await ending(scope.aenter()) == "RuntimeError('CancelScope has already been entered')");
  asyncio::CancelScope outer;
  asyncio::CancelScope inner;
  co_await outer.aenter();
  co_await inner.aenter();
  CHECK_THROWS_AS(outer.exit(nullptr), heddle::RuntimeError);
  CHECK(!inner.exit(nullptr));
  CHECK(!outer.exit(nullptr));
}

ASYNC_TEST_CASE("CancelScope: cancelled before it is entered, it interrupts the first wait") {
  asyncio::CancelScope scope;
  scope.cancel();
  bool began = false;
  auto body = [&began]() -> Coro<void> {
    began = true;
    co_await asyncio::sleep(1h);
  };
  co_await asyncio::with(scope, body);
  CHECK(began);
  CHECK(scope.cancelled_caught());
}
