#include <heddle/asyncio/as_completed.h>

#include "asyncio/work.h"

static Coro<std::string> named(std::string name, heddle::Delay delay) {
  co_await asyncio::sleep(delay);
  co_return name;
}

ASYNC_TEST_CASE("as_completed: gives results in the order in which they come") {
  std::vector<Coro<std::string>> calls;
  calls.push_back(named("slow", 30ms));
  calls.push_back(named("quick", 10ms));
  calls.push_back(fail(20ms));
  Log log;
  auto arriving = asyncio::as_completed(std::move(calls));
  for (auto next : arriving) log.push_back(co_await ending(std::move(next)));
  CHECK(log == Log{"quick", "ValueError('boom')", "slow"});
}

ASYNC_TEST_CASE("as_completed: as an async iterator it gives the very tasks that it was given") {
  std::vector<asyncio::Task<std::string>> tasks{asyncio::create_task(named("b", 2ms)),
                                                asyncio::create_task(named("a", 1ms))};
  auto arriving = asyncio::as_completed(tasks);
  std::vector<asyncio::Task<std::string>> seen;
  while (auto task = co_await asyncio::next(arriving)) seen.push_back(*task);
  CHECK(seen == std::vector{tasks[1], tasks[0]});
  CHECK(co_await ending(arriving.anext()) == "StopAsyncIteration()");
}

ASYNC_TEST_CASE("as_completed: at the timeout each await that is left throws, the work goes on") {
  std::vector<asyncio::Task<std::string>> tasks{asyncio::create_task(named("a", 1ms)),
                                                asyncio::create_task(named("b", 1s)),
                                                asyncio::create_task(named("c", 2s))};
  Log log;
  auto arriving = asyncio::as_completed(tasks, heddle::Delay(10ms));
  for (auto next : arriving) log.push_back(co_await ending(std::move(next)));
  CHECK(log == Log{"a", "TimeoutError()", "TimeoutError()"});
  CHECK(co_await tasks[1] == "b");
  CHECK(co_await tasks[2] == "c");
}

ASYNC_TEST_CASE("as_completed: leaving early leaves the work and no timer behind") {
  std::vector<asyncio::Task<std::string>> tasks{asyncio::create_task(named("a", 1ms)),
                                                asyncio::create_task(named("b", 5ms))};
  {
    auto arriving = asyncio::as_completed(tasks, heddle::Delay(1h));
    for (auto next : arriving) {
      CHECK(co_await next == "a");
      break;
    }
  }
  CHECK(co_await tasks[1] == "b");
}

ASYNC_TEST_CASE("as_completed: two may wait at once; one that is cancelled takes nothing") {
  std::vector<asyncio::Task<std::string>> tasks{asyncio::create_task(named("a", 5ms)),
                                                asyncio::create_task(named("b", 6ms))};
  auto arriving = asyncio::as_completed(tasks);
  auto first = asyncio::create_task(*arriving.begin());
  auto second = asyncio::create_task(*arriving.begin());
  co_await testing::wait_until_idle();
  first.cancel();
  CHECK(co_await ending(first) == "cancelled");
  CHECK(co_await second == "a");
  CHECK(co_await tasks[1] == "b");
}
