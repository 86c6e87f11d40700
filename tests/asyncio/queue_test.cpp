#include <heddle/asyncio/queue.h>

#include "asyncio/work.h"

ASYNC_TEST_CASE("Queue: put() waits for room, get() for an item; the order is kept") {
  asyncio::Queue<int> queue(2);
  CHECK(queue.maxsize() == 2);
  std::vector<int> got;
  auto producer = [&]() -> Coro<void> {
    for (int i = 0; i < 5; ++i) co_await queue.put(i);
  };
  auto task = asyncio::create_task(producer());
  co_await testing::wait_until_idle();
  CHECK(queue.full());
  CHECK(queue.qsize() == 2);
  CHECK(!task.done());
  for (int i = 0; i < 5; ++i) got.push_back(co_await queue.get());
  CHECK(got == std::vector{0, 1, 2, 3, 4});
  CHECK(queue.empty());
  co_await task;
}

ASYNC_TEST_CASE("Queue: the nowait forms throw in place of waiting; items need only move") {
  asyncio::Queue<std::unique_ptr<int>> queue(1);
  CHECK_THROWS_AS(queue.get_nowait(), asyncio::QueueEmpty);
  queue.put_nowait(std::make_unique<int>(1));
  CHECK_THROWS_AS(queue.put_nowait(nullptr), asyncio::QueueFull);
  CHECK(*co_await queue.get() == 1);
  auto item = std::make_unique<int>(2);
  co_await queue.put(std::move(item));
  CHECK(*queue.get_nowait() == 2);
}

ASYNC_TEST_CASE("LifoQueue: the last one in comes out first; PriorityQueue: the smallest") {
  asyncio::LifoQueue<int> lifo;
  asyncio::PriorityQueue<std::string> priority;
  for (int i : {2, 3, 1}) {
    lifo.put_nowait(i);
    priority.put_nowait(std::to_string(i));
  }
  for (int i : {1, 3, 2}) CHECK(co_await lifo.get() == i);
  for (int i : {1, 2, 3}) CHECK(co_await priority.get() == std::to_string(i));
}

ASYNC_TEST_CASE("Queue: a putter that is cancelled did not put, and its room goes to the next") {
  asyncio::Queue<int> queue(1);
  queue.put_nowait(0);
  auto a = asyncio::create_task(queue.put(1));
  auto b = asyncio::create_task(queue.put(2));
  co_await testing::wait_until_idle();
  CHECK(co_await queue.get() == 0);
  a.cancel();
  co_await until_done(b);
  CHECK(a.cancelled());
  CHECK(co_await queue.get() == 2);
  CHECK(queue.empty());
}

ASYNC_TEST_CASE("Queue: shutdown() ends puts at once, and gets when it is empty") {
  asyncio::Queue<int> queue(1);
  queue.put_nowait(1);
  auto putter = asyncio::create_task(queue.put(2));
  co_await testing::wait_until_idle();
  queue.shutdown();
  CHECK(queue.is_shutdown());
  CHECK(co_await ending(putter) == "asyncio::QueueShutDown()");
  CHECK(co_await ending(queue.put(3)) == "asyncio::QueueShutDown()");
  CHECK(*co_await queue.next() == 1);
  CHECK(!(co_await queue.next()));
  CHECK_THROWS_AS(queue.get_nowait(), asyncio::QueueShutDown);
  CHECK(co_await ending(queue.anext()) == "StopAsyncIteration()");
}

ASYNC_TEST_CASE("Queue: a getter that waits is told of the shutdown") {
  asyncio::Queue<int> queue;
  auto getter = asyncio::create_task(queue.get());
  auto loop = asyncio::create_task(queue.next());
  co_await testing::wait_until_idle();
  queue.shutdown();
  CHECK(co_await ending(getter) == "asyncio::QueueShutDown()");
  CHECK(!(co_await loop));
}

ASYNC_TEST_CASE("Queue: shutdown(immediate) drops the items; those handed out are still awaited") {
  asyncio::Queue<int> queue;
  for (int i = 0; i < 3; ++i) queue.put_nowait(i);
  CHECK(co_await queue.get() == 0);
  auto join = asyncio::create_task(queue.join());
  co_await testing::wait_until_idle();
  queue.shutdown(true);
  CHECK(queue.empty());
  co_await testing::wait_until_idle();
  CHECK(!join.done());
  queue.task_done();
  co_await join;
  CHECK_THROWS_WITH_AS(queue.task_done(), "task_done() called too many times", heddle::ValueError);
}

ASYNC_TEST_CASE("Queue: join() waits for each task_done(), also when tasks come meanwhile") {
  asyncio::Queue<int> queue;
  co_await queue.join();
  queue.put_nowait(1);
  auto join = asyncio::create_task(queue.join());
  co_await testing::wait_until_idle();
  queue.put_nowait(2);
  queue.task_done();
  co_await testing::wait_until_idle();
  CHECK(!join.done());
  queue.task_done();
  co_await join;
}

namespace {

// Its copy fails when it is told to.
struct Fragile {
  Fragile(int value_, const bool& fails_) : value(value_), fails(&fails_) {}
  Fragile(const Fragile& other) : value(other.value), fails(other.fails) {
    if (*fails) throw heddle::ValueError("fragile");
  }
  int value;
  const bool* fails;
};

}  // namespace

ASYNC_TEST_CASE("Queue: an item whose move throws stays, and the next getter is told of it") {
  bool fails = false;
  asyncio::Queue<Fragile> queue;
  auto a = asyncio::create_task(queue.get());
  auto b = asyncio::create_task(queue.get());
  co_await testing::wait_until_idle();
  queue.put_nowait(Fragile(1, fails));
  fails = true;
  auto mends = [&fails](const auto&) { fails = false; };
  a.add_done_callback(mends);
  CHECK(co_await ending(a) == "ValueError('fragile')");
  fails = false;
  co_await testing::wait_until_idle();
  bool told = b.done();
  CHECK(told);
  if (!told) b.cancel();
  co_await until_done(b);
  if (!b.cancelled()) b.exception();
}

static const std::string reused = "cannot reuse already awaited coroutine";

ASYNC_TEST_CASE("Queue: a get() or put() that has waited is not awaited again, and loses nothing") {
  asyncio::Queue<std::string> queue(1);
  auto get = queue.get();
  auto feeder = asyncio::create_task([&]() -> Coro<void> {
    for (const char* item : {"a", "b"}) co_await queue.put(item);
  });
  CHECK(co_await get == "a");
  std::string again;
  try {
    again = co_await get;
  } catch (const heddle::RuntimeError& error) {
    again = error.what();
  }
  CHECK(again == reused);
  co_await feeder;
  CHECK(queue.qsize() == 1);

  auto put = queue.put("c");
  auto eater = asyncio::create_task([&]() -> Coro<void> { CHECK(co_await queue.get() == "b"); });
  co_await put;
  co_await eater;
  CHECK(queue.get_nowait() == "c");
  CHECK_THROWS_WITH_AS(co_await put, reused.c_str(), heddle::RuntimeError);
  CHECK(queue.empty());
}

ASYNC_TEST_CASE("Queue: nor is one that did not need to wait") {
  asyncio::Queue<std::string> queue;
  auto put = queue.put("a");
  co_await put;
  CHECK_THROWS_WITH_AS(co_await put, reused.c_str(), heddle::RuntimeError);
  queue.put_nowait("b");
  auto get = queue.get();
  CHECK(co_await get == "a");
  CHECK_THROWS_WITH_AS(co_await get, reused.c_str(), heddle::RuntimeError);
  auto next = queue.next();
  auto moved = std::move(next);
  CHECK_THROWS_WITH_AS(co_await next, reused.c_str(), heddle::RuntimeError);
  CHECK(co_await moved == "b");
  CHECK(queue.empty());
}

namespace {

// 99 cannot be compared.
struct Ranked {
  int rank = 0;
  friend bool operator<(const Ranked& a, const Ranked& b) {
    if (a.rank == 99 || b.rank == 99) throw heddle::TypeError("not comparable");
    return a.rank < b.rank;
  }
};

}  // namespace

ASYNC_TEST_CASE("PriorityQueue: an item whose comparison throws is not put, and nothing is lost") {
  asyncio::PriorityQueue<Ranked> queue;
  for (int rank : {5, 7, 6}) queue.put_nowait(Ranked{rank});
  CHECK_THROWS_AS(queue.put_nowait(Ranked{99}), heddle::TypeError);
  CHECK(queue.qsize() == 3);
  queue.put_nowait(Ranked{1});
  for (int expected : {1, 5, 6, 7}) {
    Ranked got = co_await queue.get();
    CHECK(got.rank == expected);
  }
  CHECK(queue.empty());
}
