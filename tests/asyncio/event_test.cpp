#include <heddle/asyncio/event.h>

#include "asyncio/work.h"

static Coro<void> wait_and_note(asyncio::Event& event, std::vector<int>& woken, int id) {
  co_await event.wait();
  woken.push_back(id);
}

ASYNC_TEST_CASE("Event: set() wakes waiters in the order they began to wait") {
  asyncio::Event event;
  std::vector<int> woken;
  auto first = asyncio::create_task(wait_and_note(event, woken, 1));
  auto second = asyncio::create_task(wait_and_note(event, woken, 2));
  co_await testing::wait_until_idle();

  event.set();
  CHECK(woken.empty());  // set() schedules; it never runs a waiter inline
  co_await first;
  co_await second;
  CHECK(woken == std::vector{1, 2});
}

ASYNC_TEST_CASE("Event: a cancelled waiter leaves the list and the others still wake") {
  asyncio::Event event;
  std::vector<int> woken;
  auto first = asyncio::create_task(wait_and_note(event, woken, 1));
  auto second = asyncio::create_task(wait_and_note(event, woken, 2));
  co_await testing::wait_until_idle();

  first.cancel();
  event.set();
  co_await second;

  CHECK(first.cancelled());
  CHECK(woken == std::vector{2});
}

ASYNC_TEST_CASE(
    "Event: who waited when it was set gets through, even if it is cleared at once (rule 36)") {
  asyncio::Event event;
  auto task = asyncio::create_task(event.wait());
  co_await asyncio::sleep(0s);
  event.set();
  event.clear();
  co_await task;
  CHECK(!event.is_set());
}

TEST_CASE("Event: a task that waits for ever is named with the file and line of its awaits") {
  auto body = []() -> Coro<void> {
    asyncio::Event never;
    std::vector<int> woken;
    auto task =
        asyncio::create_task(wait_and_note(never, woken, 1), asyncio::TaskOptions().name("waiter"));
    co_await task;
  };
  try {
    testing::run_async(body);
    FAIL("no deadlock was seen");
  } catch (const testing::DeadlockError& error) {
    std::string text = error.what();
    INFO(text);
    CHECK(text.starts_with("nothing left to run"));
    CHECK(text.find("waiter waits in wait_and_note (event_test.cpp:6)") != std::string::npos);
  }
}
