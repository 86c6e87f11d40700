#include <heddle/asyncio/sleep.h>

#include "asyncio/work.h"

ASYNC_TEST_CASE(
    "sleep: takes at least its time, zero and less yield once without a timer (rule 6)") {
  asyncio::EventLoop loop = asyncio::get_running_loop();
  heddle::Nanoseconds start = loop.time();
  co_await asyncio::sleep(1500ms);
  CHECK(loop.time() - start == 1'500'000'000);
  bool other_ran = false;
  loop.call_soon([&other_ran] { other_ran = true; });
  co_await asyncio::sleep(-5s);
  CHECK(other_ran);
  CHECK(loop.time() - start == 1'500'000'000);
  std::string result = co_await asyncio::sleep(0s, std::string("value"));
  CHECK(result == "value");
}

ASYNC_TEST_CASE("sleep: a cancelled one takes its timer along") {
  auto task = asyncio::create_task(asyncio::sleep(1h));
  co_await asyncio::sleep(0s);
  task.cancel();
  co_await until_done(task);
  CHECK(task.cancelled());  // the run's end checks that no timer is left
}

// snippet: sleep
ASYNC_TEST_CASE("sleep: those that end at the same time wake in the order in which they began") {
  Log log;
  auto nap = [&log](std::string name) -> Coro<void> {
    co_await asyncio::sleep(10ms);
    log.push_back(name);
  };
  co_await asyncio::gather(nap("a"), nap("b"), nap("c"));
  CHECK(log == Log{"a", "b", "c"});
}
// end snippet
