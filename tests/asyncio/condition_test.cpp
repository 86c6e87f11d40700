#include <heddle/asyncio/condition.h>

#include "asyncio/work.h"

ASYNC_TEST_CASE("Condition: wait() and notify() need the lock") {
  asyncio::Condition condition;
  CHECK_THROWS_WITH_AS(condition.notify(), "cannot notify on un-acquired lock",
                       heddle::RuntimeError);
  CHECK_THROWS_WITH_AS(condition.notify_all(), "cannot notify on un-acquired lock",
                       heddle::RuntimeError);
  CHECK(co_await ending(condition.wait()) == "RuntimeError('cannot wait on un-acquired lock')");
}

static Coro<void> wait_and_log(asyncio::Condition& condition, Log& log, std::string name) {
  auto held = co_await condition.hold();
  bool notified = co_await condition.wait();
  log.push_back(notified ? name : "not notified");
}

ASYNC_TEST_CASE("Condition: notify(n) wakes the n that wait longest; notify_all() all") {
  asyncio::Condition condition;
  Log log;
  std::vector<asyncio::Task<void>> tasks;
  for (const char* name : {"a", "b", "c", "d"})
    tasks.push_back(asyncio::create_task(wait_and_log(condition, log, name)));
  co_await testing::wait_until_idle();
  {
    auto held = co_await condition.hold();
    condition.notify(2);
    co_await testing::wait_until_idle();
    CHECK(log.empty());
  }
  co_await testing::wait_until_idle();
  CHECK(log == Log{"a", "b"});
  {
    auto held = co_await condition.hold();
    condition.notify_all();
  }
  co_await asyncio::wait(tasks);
  CHECK(log == Log{"a", "b", "c", "d"});
}

ASYNC_TEST_CASE("Condition: wait_for() gives the predicate's value, and throws its exception") {
  asyncio::Condition condition;
  int n = 0;
  auto counts = [&]() -> Coro<void> {
    for (int i = 0; i < 3; ++i) {
      auto held = co_await condition.hold();
      ++n;
      condition.notify_all();
      held = asyncio::Lock::Held(std::move(held));
      co_await asyncio::sleep(0s);
    }
  };
  auto task = asyncio::create_task(counts());
  auto body = [&]() -> Coro<int> {
    auto three = [&] { return n == 3 ? 33 : 0; };
    co_return co_await condition.wait_for(three);
  };
  CHECK(co_await asyncio::with(condition, body) == 33);
  auto fails = [&]() -> Coro<int> {
    auto throws = []() -> int { throw heddle::KeyError("k"); };
    co_return co_await condition.wait_for(throws);
  };
  CHECK(co_await ending(asyncio::with(condition, fails)) == "KeyError('k')");
  CHECK(!condition.locked());
  co_await task;
}

ASYNC_TEST_CASE("Condition: a notification of a waiter that is cancelled goes to another") {
  asyncio::Condition condition;
  Log log;
  auto a = asyncio::create_task(wait_and_log(condition, log, "a"));
  auto b = asyncio::create_task(wait_and_log(condition, log, "b"));
  co_await testing::wait_until_idle();
  {
    auto held = co_await condition.hold();
    condition.notify();
    a.cancel();
  }
  co_await until_done(b);
  CHECK(a.cancelled());
  CHECK(log == Log{"b"});
}

ASYNC_TEST_CASE("Condition: several may share a lock") {
  asyncio::Lock lock;
  asyncio::Condition first(&lock);
  asyncio::Condition second(&lock);
  co_await first.acquire();
  CHECK(second.locked());
  second.notify();
  first.release();
  CHECK(!lock.locked());
}
