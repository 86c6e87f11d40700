#include <heddle/asyncio/lock.h>

#include "asyncio/work.h"

ASYNC_TEST_CASE("Lock: serves its waiters in the order in which they came") {
  asyncio::Lock lock;
  Log log;
  auto user = [&](std::string name) -> Coro<void> {
    auto held = co_await lock.hold();
    log.push_back(name);
    co_await asyncio::sleep(1ms);
  };
  co_await asyncio::gather(user("a"), user("b"), user("c"));
  CHECK(log == Log{"a", "b", "c"});
  CHECK(!lock.locked());
}

ASYNC_TEST_CASE("Lock: acquire() gives true, and any task may release it") {
  asyncio::Lock lock;
  CHECK(co_await lock.acquire());
  CHECK(lock.locked());
  auto other = [&lock]() -> Coro<void> {
    lock.release();
    co_return;
  };
  co_await asyncio::create_task(other());
  CHECK(!lock.locked());
  CHECK_THROWS_WITH_AS(lock.release(), "Lock is not acquired.", heddle::RuntimeError);
}

ASYNC_TEST_CASE("Lock: with() releases it on every path") {
  asyncio::Lock lock;
  auto fails = [&lock]() -> Coro<void> {
    CHECK(lock.locked());
    co_await fail();
  };
  CHECK(co_await ending(asyncio::with(lock, fails)) == "ValueError('boom')");
  CHECK(!lock.locked());
  auto sleeps = []() -> Coro<void> { co_await asyncio::sleep(1h); };
  auto uses = [&]() -> Coro<void> { co_await asyncio::with(lock, sleeps); };
  auto task = asyncio::create_task(uses());
  co_await asyncio::sleep(0s);
  CHECK(lock.locked());
  task.cancel();
  co_await until_done(task);
  CHECK(!lock.locked());
}

ASYNC_TEST_CASE("Lock: a waiter that is cancelled leaves, and the others keep their order") {
  asyncio::Lock lock;
  Log log;
  auto user = [&](std::string name) -> Coro<void> {
    auto held = co_await lock.hold();
    log.push_back(name);
  };
  {
    auto held = co_await lock.hold();
    auto a = asyncio::create_task(user("a"));
    auto b = asyncio::create_task(user("b"));
    auto c = asyncio::create_task(user("c"));
    co_await asyncio::sleep(0s);
    b.cancel();
    co_await until_done(b);
    CHECK(b.cancelled());
  }
  co_await testing::wait_until_idle();
  CHECK(log == Log{"a", "c"});
}

TEST_CASE("Lock: serves one event loop; another one is told") {
  asyncio::Lock lock;
  auto contend = [&lock]() -> Coro<void> {
    auto user = [&lock]() -> Coro<void> { auto held = co_await lock.hold(); };
    auto held = co_await lock.hold();
    auto task = asyncio::create_task(user());
    co_await asyncio::sleep(0s);
    if (!task.done()) task.cancel();
    std::string how = co_await ending(task);
    if (how != "cancelled") throw heddle::ValueError(how);
  };
  testing::run_async(contend);
  std::string told;
  try {
    testing::run_async(contend);
  } catch (const heddle::ValueError& error) {
    told = error.what();
  }
  CHECK(told.find("this object is bound to a different event loop") != told.npos);
}
