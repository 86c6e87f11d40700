// Not built with ThreadSanitizer, which has an operator new of its own.
#include <heddle/testing/explore.h>

#include "asyncio/work.h"

TEST_CASE("World: an allocation of a task fails, the main one's do not") {
  auto body = [](testing::World& world) -> Coro<void> {
    auto allocates = []() -> Coro<void> { co_await asyncio::create_task(asyncio::sleep(0s)); };
    auto task = asyncio::create_task(allocates());
    world.faults({.allocation = 1});
    auto mine = std::make_unique<int>(1);
    std::string how = co_await ending(task);
    world.faults({});
    CHECK(*mine == 1);
    CHECK(how == "std::bad_alloc('std::bad_alloc')");
  };
  testing::explore(body, {.seeds = 1, .check_determinism = false});
}
