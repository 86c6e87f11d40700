#include <heddle/asyncio/semaphore.h>

#include "asyncio/work.h"

static Coro<void> use(asyncio::Semaphore& semaphore, Log& log, std::string name) {
  co_await semaphore.acquire();
  log.push_back(name);
}

ASYNC_TEST_CASE("Semaphore: a released permit belongs to the oldest waiter (rule 36)") {
  asyncio::Semaphore semaphore(0);
  Log log;
  auto waiter = asyncio::create_task(use(semaphore, log, "waiter"));
  co_await asyncio::sleep(0s);
  semaphore.release();
  semaphore.release();
  co_await use(semaphore, log, "newcomer");
  co_await waiter;
  CHECK(log.size() == 2);
  CHECK(semaphore.locked());
}

ASYNC_TEST_CASE(
    "Semaphore: a permit given to a task that is cancelled before it runs goes to the next (rule "
    "13)") {
  asyncio::Semaphore semaphore(0);
  Log log;
  auto a = asyncio::create_task(use(semaphore, log, "a"));
  auto b = asyncio::create_task(use(semaphore, log, "b"));
  co_await asyncio::sleep(0s);
  semaphore.release();
  a.cancel();
  co_await b;
  CHECK(log == Log{"b"});
  CHECK(a.cancelled());
}

ASYNC_TEST_CASE("Semaphore: hold() gives the permit back on every path") {
  asyncio::Semaphore semaphore(1);
  auto fails = [&semaphore]() -> Coro<void> {
    auto permit = co_await semaphore.hold();
    CHECK(semaphore.locked());
    throw heddle::ValueError("x");
  };
  std::string end = co_await ending(fails());
  CHECK(end == "ValueError('x')");
  CHECK(!semaphore.locked());
  CHECK_THROWS_WITH_AS(asyncio::Semaphore(-1), "Semaphore initial value must be >= 0",
                       heddle::ValueError);
}

ASYNC_TEST_CASE("Semaphore: never more than its value get through") {
  asyncio::Semaphore semaphore(3);
  int inside = 0;
  int most = 0;
  auto worker = [&](int i) -> Coro<void> {
    auto permit = co_await semaphore.hold();
    most = std::max(most, ++inside);
    co_await asyncio::sleep(i * 1ms);
    --inside;
  };
  std::vector<Coro<void>> workers;
  for (int i = 0; i < 20; ++i) workers.push_back(worker(i));
  co_await asyncio::gather(std::move(workers));
  CHECK(most == 3);
  CHECK(!semaphore.locked());
}

ASYNC_TEST_CASE("Semaphore: an acquire() that is awaited again takes another permit") {
  asyncio::Semaphore semaphore(0);
  auto acquire = semaphore.acquire();
  auto twice = [&]() -> Coro<void> {
    try {
      co_await acquire;
    } catch (const heddle::CancelledError&) {
      asyncio::current_task().uncancel();
    }
    co_await acquire;
  };
  for (bool cancelled : {false, true}) {
    auto task = asyncio::create_task(twice());
    co_await asyncio::sleep(0s);
    semaphore.release();
    if (cancelled) {
      task.cancel();
    } else {
      semaphore.release();
    }
    co_await task;
    CHECK(semaphore.locked());
    semaphore.release();
    CHECK(!semaphore.locked());
    co_await semaphore.acquire();
  }
}
