#include <heddle/asyncio/wait.h>

#include "asyncio/work.h"

ASYNC_TEST_CASE("wait: gives what is done and what is not, in the order of the arguments") {
  std::vector<asyncio::Task<std::string>> tasks{asyncio::create_task(work({.delay = 3ms})),
                                                asyncio::create_task(work({.delay = 1ms})),
                                                asyncio::create_task(fail(2ms))};
  auto first = co_await asyncio::wait(tasks, {.return_when = asyncio::FIRST_COMPLETED});
  CHECK(first.done == std::vector{tasks[1]});
  CHECK(first.pending == std::vector{tasks[0], tasks[2]});
  auto failed = co_await asyncio::wait(tasks, {.return_when = asyncio::FIRST_EXCEPTION});
  CHECK(failed.done == std::vector{tasks[1], tasks[2]});
  auto all = co_await asyncio::wait(tasks);
  CHECK(all.pending.empty());
  CHECK_THROWS_AS(tasks[2].result(), heddle::ValueError);
}

ASYNC_TEST_CASE("wait: at the timeout it returns, and cancels nothing") {
  std::vector<asyncio::Task<std::string>> tasks{asyncio::create_task(work({.delay = 1s}))};
  auto result = co_await asyncio::wait(tasks, {.timeout = 10ms});
  CHECK(result.done.empty());
  CHECK(!tasks[0].cancelled());
  CHECK(co_await tasks[0] == "r");
}

ASYNC_TEST_CASE("wait: FIRST_EXCEPTION does not count those that were cancelled") {
  std::vector<asyncio::Task<std::string>> tasks{asyncio::create_task(work()),
                                                asyncio::create_task(work({.delay = 5ms}))};
  tasks[0].cancel();
  auto result = co_await asyncio::wait(tasks, {.return_when = asyncio::FIRST_EXCEPTION});
  CHECK(result.done.size() == 2);
}

ASYNC_TEST_CASE("wait: takes futures of different types as AnyFuture; each counts once") {
  auto future = asyncio::create_future<int>();
  auto task = asyncio::create_task(asyncio::sleep(1ms));
  std::vector<asyncio::AnyFuture> mixed{future, task, future};
  future.set_result(1);
  auto result = co_await asyncio::wait(mixed);
  CHECK(result.done.size() == 2);
}

ASYNC_TEST_CASE("wait: nothing to wait for is a ValueError; when all are done it does not yield") {
  std::vector<asyncio::Task<int>> none;
  CHECK(co_await ending(asyncio::wait(none)) == "ValueError('Set of Tasks/Futures is empty.')");
  std::vector<asyncio::Task<void>> done{asyncio::create_task(asyncio::sleep(0s))};
  co_await done[0];
  bool yielded = false;
  asyncio::get_running_loop().call_soon([&yielded] { yielded = true; });
  co_await asyncio::wait(done);
  CHECK(!yielded);
  co_await asyncio::sleep(0s);
}

ASYNC_TEST_CASE("wait: cancelled, it leaves what it watched alone, and no timer behind") {
  std::vector<asyncio::Task<std::string>> tasks{asyncio::create_task(work({.delay = 20ms}))};
  auto waits = [&]() -> Coro<void> { co_await asyncio::wait(tasks, {.timeout = 1h}); };
  auto waiter = asyncio::create_task(waits());
  co_await asyncio::sleep(1ms);
  waiter.cancel();
  CHECK(co_await ending(waiter) == "cancelled");
  CHECK(co_await tasks[0] == "r");
}
