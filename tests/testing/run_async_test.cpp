#include <heddle/testing/run_async.h>

#include "asyncio/work.h"

// T51. A world with timers, posts, cancellations and a lock-like wait, driven by choices.
static Coro<void> worker(asyncio::Semaphore& semaphore, Log& log, int id) {
  for (int round = 0; round < 3; ++round) {
    auto permit = co_await semaphore.hold();
    co_await asyncio::sleep(heddle::choose(3, "test.work") * 1ms);
    log.push_back(std::to_string(id));
  }
}

static Coro<void> world() {
  asyncio::Semaphore semaphore(2);
  Log log;
  std::vector<asyncio::Task<void>> workers;
  for (int id = 0; id < 4; ++id)
    workers.push_back(asyncio::create_task(worker(semaphore, log, id)));
  asyncio::EventLoop loop = asyncio::get_running_loop();
  for (int i = 0; i < 3; ++i)
    loop.call_later(i * 1ms, [loop]() mutable { loop.call_soon_threadsafe([] {}); });
  co_await asyncio::sleep(heddle::choose(5, "test.patience") * 1ms);
  workers[heddle::choose(4, "test.victim")].cancel();
  for (auto& task : workers) co_await until_done(task);
  if (semaphore.locked()) FAIL("a permit was lost");
}

TEST_CASE("T51: ten thousand seeds, each twice, run alike; and alike in every build") {
  std::uint64_t all = 0;
  for (std::uint64_t seed = 1; seed <= 10'000; ++seed) {
    auto first = testing::run_async(world, {.seed = seed, .census = false});
    auto second = testing::run_async(world, {.seed = seed, .census = false});
    if (first.hash != second.hash || first.end != second.end)
      FAIL("seed " << seed << " ran in two ways");
    all = all * 31 + first.hash;
  }
  // The figure of every compiler, sanitizer and optimisation. A change of the schedule changes it:
  // look at why before you do.
  CHECK(all == 4630471116689560459u);
}

// snippet: replay
TEST_CASE("run_async: recorded choices replay a run exactly") {
  auto recorded = testing::run_async(world, {.seed = 16});
  auto replayed = testing::run_async(world, {.replay = &recorded.choices});
  CHECK(recorded.hash == replayed.hash);
  CHECK(recorded.choices == replayed.choices);
  auto other = testing::run_async(world, {.seed = 17});
  CHECK(recorded.hash != other.hash);
}
// end snippet

TEST_CASE("run_async: what a run leaves behind is an error by name") {
  std::optional<asyncio::Future<int>> kept;
  auto keeps = [&kept]() -> Coro<void> {
    kept.emplace();
    co_return;
  };
  CHECK_THROWS_AS(testing::run_async(keeps), testing::CensusError);
  kept.reset();
  auto timer = []() -> Coro<void> {
    asyncio::get_running_loop().call_later(1h, [] {});
    co_return;
  };
  CHECK_THROWS_WITH_AS(testing::run_async(timer), "the run left behind: 1 timers",
                       testing::CensusError);
}

TEST_CASE("run_async: a run that never ends is stopped by its steps") {
  auto livelock = []() -> Coro<void> {
    while (true) co_await asyncio::sleep(0s);
  };
  try {
    testing::run_async(livelock, {.steps_max = 1000, .census = false});
    FAIL("it ended");
  } catch (const heddle::RuntimeError& error) {
    CHECK(std::string(error.what()) == "the run does not end: more than 1000 steps");
  }
}

TEST_CASE("run_async: a deadlock lists every task with its awaits") {
  auto outer = []() -> Coro<void> {
    auto never = asyncio::create_future<void>();
    co_await [](asyncio::Future<void> f) -> Coro<void> { co_await f; }(never);
  };
  try {
    testing::run_async(outer);
    FAIL("it ended");
  } catch (const testing::DeadlockError& error) {
    std::string text = error.what();
    INFO(text);
    CHECK(text.find("run_async_test.cpp:") != std::string::npos);
    CHECK(text.find("awaited by") != std::string::npos);
  }
}
