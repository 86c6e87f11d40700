// T14: every allocation of every scenario fails once. Promised: no crash, no task that
// hangs, and nothing left behind.
#include "asyncio/scenarios.h"
#include "asyncio/timer_heap.h"
#include "asyncio/work.h"
#include "testing/allocation_faults.h"

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

TEST_CASE("TimerHeap: a burst of timers that there is no memory to sort still fires in order") {
  struct Node final : asyncio::detail::TimerNode {
    void run() override {}
  };
  struct NoMemory final : testing::AllocationFaults {
    bool fails() override {
      ++asked;
      return true;
    }
    int asked = 0;
  } no_memory;
  constexpr std::size_t count = asyncio::detail::TimerHeap::burst_min;
  std::vector<Node> nodes(count);
  asyncio::detail::TimerHeap heap;
  for (std::size_t i = 0; i < count; ++i)
    heap.insert(nodes[i], static_cast<heddle::Nanoseconds>(count - i));
  testing::set_allocation_faults(&no_memory);
  heap.next();
  testing::set_allocation_faults(nullptr);
  CHECK(no_memory.asked > 0);
  bool in_order = true;
  for (std::size_t i = count; i-- > 0;)
    in_order = heap.take_due(count).node() == &nodes[i] && in_order;
  CHECK(in_order);
  CHECK(heap.empty());
}
