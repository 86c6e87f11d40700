#include <heddle/asyncio/handle.h>

#include "asyncio/work.h"

ASYNC_TEST_CASE(
    "Handle: cancel() keeps the callback from running and releases what it holds at once") {
  auto held = std::make_shared<int>(1);
  bool ran = false;
  asyncio::Handle handle = asyncio::get_running_loop().call_soon([held, &ran] { ran = true; });
  CHECK(held.use_count() == 2);
  handle.cancel();
  CHECK(held.use_count() == 1);
  CHECK(handle.cancelled());
  co_await asyncio::sleep(0s);
  CHECK(!ran);
}

ASYNC_TEST_CASE("Handle: one that has run holds nothing any more, and its cancel() does nothing") {
  auto held = std::make_shared<int>(1);
  asyncio::TimerHandle handle = asyncio::get_running_loop().call_later(1s, [held] {});
  CHECK(handle.when() == asyncio::get_running_loop().time() + 1'000'000'000);
  co_await asyncio::sleep(2s);
  CHECK(held.use_count() == 1);
  handle.cancel();
}

ASYNC_TEST_CASE("Handle: a callback may cancel itself and its neighbours of the same turn") {
  asyncio::EventLoop loop = asyncio::get_running_loop();
  asyncio::Handle first;
  asyncio::Handle second;
  bool ran = false;
  first = loop.call_soon([&] {
    first.cancel();
    second.cancel();
  });
  second = loop.call_soon([&] { ran = true; });
  co_await asyncio::sleep(0s);
  CHECK(!ran);
}
