#include <heddle/asyncio/wait_for.h>

#include "asyncio/work.h"

ASYNC_TEST_CASE("wait_for: waits for the cancelled work to end (rule 15)") {
  asyncio::EventLoop loop = asyncio::get_running_loop();
  heddle::Nanoseconds start = loop.time();
  std::string end = co_await ending(asyncio::wait_for(work({.cleanup = 200ms}), 50ms));
  CHECK(end == "TimeoutError()");
  CHECK(loop.time() - start == 250'000'000);
}

static Coro<std::string> own_error() {
  try {
    co_await asyncio::sleep(5s);
  } catch (const CancelledError&) {
    throw heddle::KeyError("own");
  }
  co_return "";
}

ASYNC_TEST_CASE(
    "wait_for: work that suppresses the cancellation, or fails in it, has its way (rule 16)") {
  std::string end = co_await ending(asyncio::wait_for(work({.eats = "ate it"}), 20ms));
  CHECK(end == "ate it");
  end = co_await ending(asyncio::wait_for(own_error(), 20ms));
  CHECK(end == "KeyError('own')");
}

static Coro<std::string> body(bool& started) {
  started = true;
  co_return "done";
}

ASYNC_TEST_CASE("wait_for: zero or less gives a finished result, or does not begin (rule 17)") {
  auto done = asyncio::create_task(work({.delay = 0s}));
  co_await done;
  std::string end = co_await asyncio::wait_for(done, 0s);
  CHECK(end == "r");
  end = co_await asyncio::wait_for(done, -1s);
  CHECK(end == "r");
  bool started = false;
  end = co_await ending(asyncio::wait_for(body(started), 0s));
  CHECK(end == "TimeoutError()");
  CHECK(!started);
  end = co_await asyncio::wait_for(body(started), std::nullopt);
  CHECK(end == "done");
}

static Coro<std::string> waits(asyncio::Future<std::string> inner) {
  co_return co_await asyncio::wait_for(inner, 5s);
}

ASYNC_TEST_CASE("wait_for: a cancellation from outside is never lost (rule 18)") {
  auto inner = asyncio::create_task(work());
  auto task = asyncio::create_task(waits(inner));
  co_await asyncio::sleep(20ms);
  task.cancel();
  co_await until_done(task);
  CHECK(outcome(task) == "cancelled");
  CHECK(outcome(inner) == "cancelled");

  auto future = asyncio::create_future<std::string>();
  task = asyncio::create_task(waits(future));
  co_await asyncio::sleep(0s);
  future.set_result("ready");
  task.cancel();
  co_await until_done(task);
  CHECK(outcome(task) == "cancelled");
  CHECK(task.cancelling() == 1);
}

ASYNC_TEST_CASE("wait_for: in time it gives the result of coroutines, events and references") {
  std::string end = co_await asyncio::wait_for(work({.delay = 20ms}), 1s);
  CHECK(end == "r");
  asyncio::Event event;
  end = co_await ending(asyncio::wait_for(event.wait(), 1s));
  CHECK(end == "TimeoutError()");
  int target = 1;
  int& reference =
      co_await asyncio::wait_for([](int& t) -> Coro<int&> { co_return t; }(target), 1s);
  CHECK(&reference == &target);
}

static Coro<std::int64_t> count_memory() { co_return heddle::detail::live_allocations(); }

ASYNC_TEST_CASE("wait_for: on a coroutine it needs no memory of its own, and awaits once") {
  std::int64_t before = heddle::detail::live_allocations();
  std::int64_t during = co_await asyncio::wait_for(count_memory(), 1s);
  CHECK(during - before == 1);
  auto waiting = asyncio::wait_for(count_memory(), 1s);
  co_await waiting;
  std::string end = co_await ending(std::move(waiting));
  CHECK(end == "RuntimeError('cannot reuse already awaited coroutine')");
}

ASYNC_TEST_CASE("wait_for: becomes a coroutine or a task where one is wanted") {
  Coro<std::string> later = asyncio::wait_for(work(), 20ms);
  std::string end = co_await ending(std::move(later));
  CHECK(end == "TimeoutError()");
  auto task = asyncio::create_task(asyncio::wait_for(work({.delay = 5ms}), 20ms));
  auto [first, second] =
      co_await asyncio::gather(task, asyncio::wait_for(work({.delay = 5ms}), 20ms));
  CHECK(first + second == "rr");
}
