// T1 and T4: the scenarios, cancelled at every step of every task, and under seeds with random
// cancellations, late timers and posts, and any order of events.
#include "asyncio/scenarios.h"
#include "asyncio/work.h"

static void cancel_everywhere(scenarios::Nesting nesting) {
  scenarios::set_nesting(nesting);
  std::uint64_t cancels = 0;
  for (const scenarios::Scenario& scenario : scenarios::all()) {
    auto body = [&](testing::World& world) {
      world.faults({.cancel = 0.0001});
      return scenario.run(world);
    };
    auto result = testing::explore_each(body, {.seeds = 1, .name = scenario.name});
    cancels += result.cancels;
  }
  scenarios::set_nesting(scenarios::Nesting::none);
  MESSAGE(cancels << " cancellations");
  CHECK(cancels > 1000);
}

TEST_CASE("T1: every task of every scenario is cancelled at every step, and nothing is lost") {
  cancel_everywhere(scenarios::Nesting::none);
}
TEST_CASE("T1: the same inside of timeout()") { cancel_everywhere(scenarios::Nesting::timeout); }
TEST_CASE("T1: the same inside of a TaskGroup") { cancel_everywhere(scenarios::Nesting::group); }
TEST_CASE("T1: the same inside of gather()") { cancel_everywhere(scenarios::Nesting::gather); }
TEST_CASE("T1: the same inside of shield()") { cancel_everywhere(scenarios::Nesting::shield); }
TEST_CASE("T1: the same inside of wait_for()") { cancel_everywhere(scenarios::Nesting::wait_for); }

TEST_CASE("T4: seeded worlds keep what the scenarios promise") {
  std::uint64_t worlds = 0;
  std::uint64_t cancels = 0;
  for (const scenarios::Scenario& scenario : scenarios::all()) {
    for (double rate : {0.0, 0.02, 0.2}) {
      auto body = [&](testing::World& world) {
        world.faults({.cancel = rate});
        return scenario.run(world);
      };
      auto result =
          testing::explore(body, {.seeds = 100 * scenarios::scale(), .name = scenario.name});
      worlds += result.worlds;
      cancels += result.cancels;
    }
  }
  MESSAGE(worlds << " worlds, " << cancels << " cancellations");
  CHECK(worlds == scenarios::all().size() * 300 * scenarios::scale());
}
