#include <heddle/testing/explore.h>

#include "asyncio/work.h"

#include <cstdlib>

// Fails when two of its choices are high: what a race looks like.
static Coro<void> race(testing::World& world) {
  std::uint32_t sum = 0;
  for (int i = 0; i < 20; ++i) {
    std::uint32_t choice = world.choose(10, "race");
    if (i == 3 || i == 11) sum += choice;
    co_await asyncio::sleep(0s);
  }
  testing::expect(sum < 16, "two tasks met");
}

TEST_CASE("explore: a failure has its seed, the shrunk choices, and the line that replays it") {
  std::string text;
  std::vector<std::uint32_t> choices;
  try {
    testing::explore(race, {.seeds = 10'000, .name = "race"});
    FAIL("the planted bug was not found");
  } catch (const testing::ExploreFailure& failure) {
    text = failure.what();
    choices = failure.choices();
    CHECK(failure.seed() > 0);
  }
  CHECK(text.starts_with("race failed: seed "));
  CHECK(text.find("ExpectationError: two tasks met") != text.npos);
  std::size_t harm = 0;
  for (std::uint32_t choice : choices) harm += choice != 0;
  CHECK(harm == 2);  // the two that matter, and no other
  CHECK(text.find(" choices to 2: [race ") != text.npos);

  std::size_t begin = text.find("HEDDLE_REPLAY='") + 15;
  std::string replay = text.substr(begin, text.find('\'', begin) - begin);
  ::setenv("HEDDLE_REPLAY", replay.c_str(), 1);
  std::string replayed;
  try {
    testing::explore(race, {.seeds = 10'000, .name = "race"});
  } catch (const testing::ExploreFailure& failure) {
    replayed = failure.what();
  }
  auto other = testing::explore(race, {.seeds = 10'000, .name = "another"});
  ::setenv("HEDDLE_REPLAY", "race:1=x", 1);
  CHECK_THROWS_AS(testing::explore(race, {.name = "race"}), heddle::ValueError);
  ::setenv("HEDDLE_REPLAY", "nonsense", 1);
  CHECK_THROWS_AS(testing::explore(race, {.name = "race"}), heddle::ValueError);
  ::unsetenv("HEDDLE_REPLAY");
  CHECK(replayed.starts_with("race failed: replay, step "));
  CHECK(replayed.find("two tasks met") != replayed.npos);
  CHECK(other.worlds == 0);
}

TEST_CASE("explore: the same seeds give the same runs; the result counts them") {
  auto body = [](testing::World& world) -> Coro<void> {
    world.faults({.cancel = 0.1});
    auto task = asyncio::create_task(work({.delay = 2ms}));
    co_await ending(asyncio::gather(asyncio::return_exceptions, task));
  };
  auto first = testing::explore(body, {.seeds = 200});
  auto second = testing::explore(body, {.seeds = 200});
  CHECK(first.worlds == 200);
  CHECK(first.steps > 200);
  CHECK(first.cancels > 0);
  CHECK(first.hash == second.hash);
}

TEST_CASE("explore: a body that runs differently the second time is told so") {
  int runs = 0;
  auto body = [&runs](testing::World&) -> Coro<void> {
    for (int i = ++runs; i > 0; --i) co_await asyncio::sleep(0s);
  };
  std::string text;
  try {
    testing::explore(body, {.seeds = 1});
  } catch (const testing::ExploreFailure& failure) {
    text = failure.what();
  }
  CHECK(text.find("ran differently the second time") != text.npos);
}

TEST_CASE("explore: being stuck, never ending and leaving something behind are failures") {
  auto kind = [](auto body, testing::ExploreOptions options) -> std::string {
    options.seeds = 1;
    try {
      testing::explore(body, options);
    } catch (const testing::ExploreFailure& failure) {
      return failure.what();
    }
    return "";
  };
  auto stuck = [](testing::World&) -> Coro<void> {
    asyncio::Event never;
    co_await never.wait();
  };
  CHECK(kind(stuck, {}).find("nothing left to run") != std::string::npos);
  auto endless = [](testing::World&) -> Coro<void> {
    while (true) co_await asyncio::sleep(0s);
  };
  CHECK(kind(endless, {.steps_max = 1000}).find("the run does not end") != std::string::npos);
  auto long_one = [](testing::World&) -> Coro<void> { co_await asyncio::sleep(2h); };
  CHECK(kind(long_one, {.virtual_max = 1'000'000'000}).find("virtual_max") != std::string::npos);
  std::optional<asyncio::Future<int>> kept;
  auto keeps = [&kept](testing::World&) -> Coro<void> {
    kept.emplace();
    co_return;
  };
  CHECK(kind(keeps, {}).find("left behind") != std::string::npos);
}

TEST_CASE("explore_each: finds what a single cancellation at a single step breaks") {
  auto body = [](testing::World& world) -> Coro<void> {
    world.faults({.cancel = 0.0001});  // too rare for a seed to meet it soon
    int steps = 0;
    auto counts = [&steps]() -> Coro<void> {
      ++steps;
      co_await asyncio::sleep(0s);
      ++steps;
    };
    auto task = asyncio::create_task(counts());
    co_await ending(task);
    testing::expect(steps != 1, "cancelled between the steps");
  };
  CHECK(testing::explore(body, {.seeds = 20}).worlds == 20);
  CHECK_THROWS_AS(testing::explore_each(body), testing::ExploreFailure);
  auto sound = [](testing::World& world) -> Coro<void> {
    world.faults({.cancel = 0.0001});
    auto task = asyncio::create_task(asyncio::sleep(1ms));
    co_await ending(task);
  };
  auto result = testing::explore_each(sound);
  CHECK(result.worlds > 3);
  CHECK(result.cancels > 1);
}
