#include <heddle/asyncio/handle.h>

#include <unistd.h>

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

ASYNC_TEST_CASE("Handle: a callback that cancels itself keeps what it holds until it returns") {
  auto held = std::make_shared<int>(1);
  asyncio::Handle handle;
  handle = asyncio::get_running_loop().call_soon([&handle, held] {
    handle.cancel();
    CHECK(held.use_count() == 2);
  });
  co_await asyncio::sleep(0s);
  CHECK(held.use_count() == 1);
  CHECK(handle.cancelled());
}

ASYNC_TEST_CASE("Handle: a reader that removes itself keeps what it holds until it returns") {
  asyncio::EventLoop loop = asyncio::get_running_loop();
  auto held = std::make_shared<int>(1);
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  REQUIRE(write(ends[1], "x", 1) == 1);
  asyncio::Event called;
  loop.add_reader(ends[0], [&, held, fd = ends[0]] {
    CHECK(loop.remove_reader(fd));
    CHECK(held.use_count() == 2);
    called.set();
  });
  co_await called.wait();
  CHECK(held.use_count() == 1);
  close(ends[0]);
  close(ends[1]);
}
