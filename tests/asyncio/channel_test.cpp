#include <heddle/asyncio/channel.h>

#include "asyncio/work.h"

#include <algorithm>
#include <thread>

ASYNC_TEST_CASE("Channel: between tasks it keeps the order, and waits at both ends") {
  asyncio::Channel<int> channel(2);
  std::vector<int> got;
  auto producer = [channel]() mutable -> Coro<void> {
    for (int i = 0; i < 5; ++i) co_await channel.put(i);
    channel.close();
  };
  auto task = asyncio::create_task(producer());
  co_await testing::wait_until_idle();
  CHECK(channel.qsize() == 2);
  while (auto item = co_await channel.next()) got.push_back(*item);
  CHECK(got == std::vector{0, 1, 2, 3, 4});
  CHECK(channel.closed());
  co_await task;
}

ASYNC_TEST_CASE("Channel: closed, it takes nothing more and gives what it has") {
  asyncio::Channel<std::unique_ptr<int>> channel(1);
  CHECK(channel.capacity() == 1);
  channel.put_nowait(std::make_unique<int>(1));
  CHECK_THROWS_AS(channel.put_nowait(nullptr), asyncio::QueueFull);
  auto waits = [channel]() mutable -> Coro<void> { co_await channel.put(nullptr); };
  auto putter = asyncio::create_task(waits());
  co_await testing::wait_until_idle();
  channel.close();
  CHECK(co_await ending(putter) == "asyncio::QueueShutDown()");
  CHECK_THROWS_AS(channel.put_nowait(nullptr), asyncio::QueueShutDown);
  CHECK(*co_await channel.get() == 1);
  auto get = [channel]() mutable -> Coro<void> { co_await channel.get(); };
  CHECK(co_await ending(get()) == "asyncio::QueueShutDown()");
  CHECK_THROWS_AS(channel.get_nowait(), asyncio::QueueShutDown);
  CHECK_THROWS_AS(asyncio::Channel<int>(0), heddle::ValueError);
}

ASYNC_TEST_CASE("Channel: an item of a getter that is cancelled goes back to the front") {
  asyncio::Channel<int> channel(4);
  auto get = [channel]() mutable -> Coro<int> { co_return co_await channel.get(); };
  auto a = asyncio::create_task(get());
  co_await testing::wait_until_idle();
  channel.put_nowait(1);
  channel.put_nowait(2);
  a.cancel();
  co_await until_done(a);
  CHECK(a.cancelled());
  CHECK(channel.get_nowait() == 1);
  CHECK(channel.get_nowait() == 2);
}

ASYNC_TEST_CASE("Channel: a put whose item was taken succeeds; the next wait is cancelled") {
  asyncio::Channel<int> channel(1);
  channel.put_nowait(1);
  bool put = false;
  auto puts = [&]() -> Coro<void> {
    co_await channel.put(2);
    put = true;
    co_await asyncio::sleep(0s);
    put = false;
  };
  auto task = asyncio::create_task(puts());
  co_await testing::wait_until_idle();
  CHECK(channel.get_nowait() == 1);  // takes the item of the putter in
  task.cancel();
  co_await until_done(task);
  CHECK(task.cancelled());
  CHECK(put);
  CHECK(channel.get_nowait() == 2);
}

ASYNC_TEST_CASE("Channel: blocking in a loop's thread is refused") {
  asyncio::Channel<int> channel(1);
  CHECK_THROWS_AS(channel.get_blocking(), heddle::RuntimeError);
  channel.put_nowait(1);
  CHECK_THROWS_AS(channel.put_blocking(2, 1s), heddle::RuntimeError);
  co_return;
}

TEST_CASE("Channel: the blocking ends wait for a time, and until they are told to stop") {
  asyncio::Channel<int> channel(1);
  CHECK_THROWS_AS(channel.get_blocking(1ms), asyncio::QueueEmpty);
  channel.put_blocking(1);
  CHECK_THROWS_AS(channel.put_blocking(2, 1ms), asyncio::QueueFull);
  CHECK_THROWS_AS(channel.put_blocking(2, -1ms), heddle::ValueError);
  CHECK(channel.get_blocking() == 1);
  std::jthread waits([channel](std::stop_token stop) mutable {
    CHECK_THROWS_AS(channel.get_blocking(std::nullopt, stop), CancelledError);
  });
  waits.request_stop();
  waits.join();
  std::jthread waits_for_close([channel]() mutable { CHECK(!channel.next_blocking()); });
  channel.close();
}

TEST_CASE("Channel: threads and the tasks of two loops lose nothing and get nothing twice") {
  asyncio::Channel<int> channel(3);
  constexpr int each = 500;
  std::atomic<int> producers{4};
  auto over = [&] {
    if (producers.fetch_sub(1) == 1) channel.close();
  };
  std::mutex mutex;
  std::vector<int> got;
  auto keep = [&](int item) {
    std::lock_guard lock(mutex);
    got.push_back(item);
  };
  auto produce = [&](int first) -> Coro<void> {
    for (int i = first; i < first + each; ++i) co_await channel.put(i);
    over();
  };
  auto consume = [&]() -> Coro<void> {
    while (auto item = co_await channel.next()) keep(*item);
  };
  auto loop_of_both = [&](int first) -> Coro<void> {
    auto producing = asyncio::create_task(produce(first));
    co_await consume();
    co_await producing;
  };
  {
    std::vector<std::jthread> threads;
    for (int first : {0, each}) {
      threads.emplace_back([&, first] { asyncio::run(loop_of_both(first)); });
    }
    for (int first : {2 * each, 3 * each}) {
      threads.emplace_back([&, first] {
        for (int i = first; i < first + each; ++i) channel.put_blocking(i);
        over();
      });
    }
    threads.emplace_back([&] {
      while (auto item = channel.next_blocking()) keep(*item);
    });
  }
  std::sort(got.begin(), got.end());
  std::vector<int> expected(4 * each);
  for (int i = 0; i < 4 * each; ++i) expected[static_cast<std::size_t>(i)] = i;
  CHECK(got == expected);
}

TEST_CASE("Channel: an item granted to a task whose loop ends is not lost") {
  asyncio::Channel<int> channel(1);
  {
    asyncio::EventLoop loop;
    loop.set_exception_handler([](auto&, const auto&) {});  // told of the pending task
    auto get = [channel]() mutable -> Coro<void> { co_await channel.get(); };
    loop.create_task(get());
    loop.stop();
    loop.run_forever();
    channel.put_nowait(5);  // goes to the task, which never runs again
    CHECK(channel.qsize() == 0);
    loop.close();
  }
  CHECK(channel.get_nowait() == 5);
}
