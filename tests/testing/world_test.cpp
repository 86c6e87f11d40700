#include <heddle/testing/world.h>

#include "asyncio/work.h"

// Runs a body once, tame or with one seed.
template <class F>
static testing::ExploreResult once(F body, std::uint64_t seed = 1) {
  return testing::explore(body, {.seeds = 1, .first_seed = seed, .check_determinism = false});
}

TEST_CASE("World: expect() and expect_equal() say what was expected") {
  testing::expect(true, "fine");
  CHECK_THROWS_WITH_AS(testing::expect(false, "not fine"), "not fine", testing::ExpectationError);
  testing::expect_equal(std::string("a"), "a");
  CHECK_THROWS_WITH_AS(testing::expect_equal(1, 2, "sum"), "sum: expected 2, got 1",
                       testing::ExpectationError);
}

TEST_CASE("World: a probability outside of [0, 1] is a ValueError") {
  auto body = [](testing::World& world) -> Coro<void> {
    CHECK_THROWS_AS(world.faults({.cancel = 1.5}), heddle::ValueError);
    CHECK_THROWS_AS(world.faults({.worker_dies = -0.1}), heddle::ValueError);
    CHECK(!world.chance(0, "never"));
    CHECK(world.chance(1, "always"));
    CHECK(world.seed() == 1);
    co_return;
  };
  once(body);
}

TEST_CASE("World: cancellations hit tasks, but neither the main one nor those that are spared") {
  auto body = [](testing::World& world) -> Coro<void> {
    auto spared = asyncio::create_task(work({.delay = 5ms}));
    auto victim = asyncio::create_task(work({.delay = 5ms}));
    world.spare(spared);
    world.faults({.cancel = 1});
    for (int i = 0; i < 5; ++i) co_await asyncio::sleep(0s);
    world.faults({});
    CHECK(victim.cancelled());
    CHECK(world.cancels() > 0);
    std::string kept = co_await spared;
    CHECK(kept == "r");
  };
  once(body);
}

TEST_CASE("World: to_thread() runs in the loop's own thread; its worker may die") {
  auto main_thread = std::this_thread::get_id();
  auto body = [main_thread](testing::World& world) -> Coro<void> {
    auto where = [] { return std::this_thread::get_id(); };
    auto thread = co_await asyncio::to_thread(where);
    bool same_thread = thread == main_thread;
    CHECK(same_thread);
    world.faults({.worker_dies = 1});
    std::string how = co_await ending(asyncio::to_thread([] {}));
    CHECK(how == "BrokenExecutor('the worker of this job died')");
  };
  once(body);
}

TEST_CASE("World: a report to the exception handler fails the run, unless it is expected") {
  auto drops = [](testing::World& world) -> Coro<void> {
    if (world.seed() == 2) world.allow_reports();
    asyncio::create_task(fail());
    co_await asyncio::sleep(1ms);
  };
  CHECK_THROWS_AS(once(drops, 1), testing::ExploreFailure);
  once(drops, 2);
}
