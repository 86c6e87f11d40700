// T14: every allocation of every scenario fails once. Promised: no crash, no task that
// hangs, and nothing left behind.
#include "asyncio/scenarios.h"
#include "asyncio/work.h"

TEST_CASE("T14: every allocation of every task of every scenario fails once") {
  scenarios::set_scarce(true);
  std::uint64_t points = 0;
  for (const scenarios::Scenario& scenario : scenarios::all()) {
    auto body = [&](testing::World& world) {
      world.allow_reports();
      world.faults({.allocation = 0.0001});
      return scenario.run(world);
    };
    auto result =
        testing::explore_each(body, {.seeds = 8 * (scenarios::scale() - 1), .name = scenario.name});
    points += result.worlds;
  }
  scenarios::set_scarce(false);
  MESSAGE(points << " allocations failed");
  CHECK(points > 1000);
}
