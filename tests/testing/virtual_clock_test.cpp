#include <heddle/testing/virtual_clock.h>

#include "asyncio/work.h"

ASYNC_TEST_CASE("VirtualClock: a year passes at once, in exact steps") {
  asyncio::EventLoop loop = asyncio::get_running_loop();
  heddle::Nanoseconds start = loop.time();
  co_await asyncio::sleep(24h * 365);
  CHECK(loop.time() - start == std::chrono::nanoseconds(24h * 365).count());
  testing::block_for(7);
  CHECK(loop.time() - start == std::chrono::nanoseconds(24h * 365).count() + 7);
}

TEST_CASE("VirtualClock: choices make timers late, never early") {
  bool late = false;
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    auto body = [&late]() -> Coro<void> {
      heddle::Nanoseconds start = asyncio::get_running_loop().time();
      co_await asyncio::sleep(1s);
      heddle::Nanoseconds took = asyncio::get_running_loop().time() - start;
      CHECK(took >= 1'000'000'000);
      CHECK(took <= 1'003'000'000);
      late |= took > 1'000'000'000;
    };
    testing::run_async(body, {.seed = seed});
  }
  CHECK(late);
}
