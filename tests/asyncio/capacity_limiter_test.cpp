#include <heddle/asyncio/capacity_limiter.h>

#include "asyncio/work.h"

ASYNC_TEST_CASE("CapacityLimiter: lets so many through, first come, first served, and names them") {
  asyncio::CapacityLimiter limiter(2);
  Log log;
  auto user = [&](std::string name) -> Coro<void> {
    auto token = co_await limiter.hold(name);
    log.push_back(name);
    co_await asyncio::sleep(1ms);
  };
  std::vector<asyncio::Task<void>> tasks;
  for (const char* name : {"a", "b", "c", "d"}) tasks.push_back(asyncio::create_task(user(name)));
  co_await testing::wait_until_idle();
  CHECK(log == Log{"a", "b"});
  auto statistics = limiter.statistics();
  CHECK(statistics.borrowers == std::vector<std::string>{"a", "b"});
  CHECK(statistics.tasks_waiting == 2);
  CHECK(limiter.available_tokens() == 0);
  co_await asyncio::wait(tasks);
  CHECK(log == Log{"a", "b", "c", "d"});
  CHECK(limiter.borrowed_tokens() == 0);
}

ASYNC_TEST_CASE(
    "CapacityLimiter: an owner holds one token at most; the task's name is the default") {
  asyncio::CapacityLimiter limiter(3);
  asyncio::current_task().set_name("me");
  co_await limiter.acquire();
  CHECK(limiter.statistics().borrowers == std::vector<std::string>{"me"});
  CHECK_THROWS_AS(limiter.acquire_nowait(), heddle::RuntimeError);
  CHECK(
      co_await ending(limiter.acquire("me")) ==
      R"(RuntimeError("this borrower is already holding one of this CapacityLimiter's tokens: me"))");
  limiter.release();
  CHECK_THROWS_WITH_AS(limiter.release("you"),
                       "this borrower isn't holding any of this CapacityLimiter's tokens: you",
                       heddle::RuntimeError);
  CHECK_THROWS_WITH_AS(asyncio::CapacityLimiter(0), "total_tokens must be >= 1",
                       heddle::ValueError);
}

ASYNC_TEST_CASE(
    "CapacityLimiter: acquire_nowait() throws WouldBlock; more tokens let more through") {
  asyncio::CapacityLimiter limiter(1);
  limiter.acquire_nowait("a");
  CHECK_THROWS_AS(limiter.acquire_nowait("b"), asyncio::WouldBlock);
  auto waiting = asyncio::create_task(limiter.acquire("b"));
  co_await testing::wait_until_idle();
  CHECK(!waiting.done());
  limiter.set_total_tokens(2);
  co_await waiting;
  limiter.set_total_tokens(1);
  CHECK(limiter.available_tokens() == -1);
  limiter.release("a");
  CHECK_THROWS_AS(limiter.acquire_nowait("c"), asyncio::WouldBlock);
  limiter.release("b");
  limiter.acquire_nowait("c");
}

ASYNC_TEST_CASE("CapacityLimiter: a token of a waiter that is cancelled goes to the next") {
  asyncio::CapacityLimiter limiter(1);
  limiter.acquire_nowait("a");
  auto b = asyncio::create_task(limiter.acquire("b"));
  auto c = asyncio::create_task(limiter.acquire("c"));
  co_await testing::wait_until_idle();
  limiter.release("a");
  b.cancel();
  co_await until_done(c);
  CHECK(b.cancelled());
  CHECK(limiter.statistics().borrowers == std::vector<std::string>{"c"});
  CHECK(limiter.statistics().tasks_waiting == 0);
}
