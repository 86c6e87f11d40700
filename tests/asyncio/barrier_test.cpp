#include <heddle/asyncio/barrier.h>

#include "asyncio/work.h"

#include <algorithm>

ASYNC_TEST_CASE("Barrier: releases all at once with different places, again and again") {
  asyncio::Barrier barrier(3);
  CHECK(barrier.parties() == 3);
  std::vector<std::size_t> places;
  auto party = [&]() -> Coro<void> {
    for (int round = 0; round < 2; ++round) places.push_back(co_await barrier.wait());
  };
  auto a = asyncio::create_task(party());
  auto b = asyncio::create_task(party());
  co_await testing::wait_until_idle();
  CHECK(barrier.n_waiting() == 2);
  CHECK(places.empty());
  co_await asyncio::gather(a, b, party());
  CHECK(places.size() == 6);
  std::sort(places.begin(), places.begin() + 3);
  CHECK(std::vector(places.begin(), places.begin() + 3) == std::vector<std::size_t>{0, 1, 2});
  CHECK(barrier.n_waiting() == 0);
}

ASYNC_TEST_CASE("Barrier: abort() breaks it for those who wait and those who come") {
  asyncio::Barrier barrier(2);
  auto waits = [&]() -> Coro<void> { co_await barrier.wait(); };
  auto waiting = asyncio::create_task(waits());
  co_await testing::wait_until_idle();
  co_await barrier.abort();
  CHECK(co_await ending(waiting) == "asyncio::BrokenBarrierError('Abort or reset of barrier')");
  CHECK(barrier.broken());
  CHECK(co_await ending(waits()) == "asyncio::BrokenBarrierError('Barrier aborted')");
  co_await barrier.reset();
  CHECK(!barrier.broken());
  co_await asyncio::gather(waits(), waits());
}

ASYNC_TEST_CASE("Barrier: reset() throws those out who wait, and works on") {
  asyncio::Barrier barrier(2);
  auto waits = [&]() -> Coro<void> { co_await barrier.wait(); };
  auto waiting = asyncio::create_task(waits());
  co_await testing::wait_until_idle();
  co_await barrier.reset();
  CHECK(co_await ending(waiting) == "asyncio::BrokenBarrierError('Abort or reset of barrier')");
  CHECK(!barrier.broken());
  co_await asyncio::gather(waits(), waits());
}

ASYNC_TEST_CASE("Barrier: one that is cancelled leaves, and the others wait for one more") {
  asyncio::Barrier barrier(2);
  auto waits = [&]() -> Coro<void> { co_await barrier.wait(); };
  auto gone = asyncio::create_task(waits());
  co_await testing::wait_until_idle();
  gone.cancel();
  co_await until_done(gone);
  CHECK(barrier.n_waiting() == 0);
  auto waiting = asyncio::create_task(waits());
  co_await testing::wait_until_idle();
  CHECK(!waiting.done());
  co_await asyncio::gather(waits(), waiting);
}

ASYNC_TEST_CASE("Barrier: with() gives the place; no parties are a ValueError") {
  CHECK_THROWS_WITH_AS(asyncio::Barrier(0), "parties must be >= 1", heddle::ValueError);
  asyncio::Barrier barrier(1);
  auto body = [](std::size_t place) -> Coro<std::size_t> { co_return place + 10; };
  CHECK(co_await asyncio::with(barrier, body) == 10);
}
