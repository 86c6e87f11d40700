#include <heddle/asyncio/to_thread.h>
#include <heddle/threading/thread.h>

#include <atomic>
#include <thread>

#include "asyncio/work.h"

namespace futures = heddle::futures;
namespace threading = heddle::threading;

static int add(int a, int b) { return a + b; }

ASYNC_TEST_CASE(
    "to_thread: runs a function with its arguments on another thread, errors come back") {
  int sum = co_await asyncio::to_thread(add, 2, 3);
  CHECK(sum == 5);
  std::string name = co_await asyncio::to_thread([] { return threading::current_thread().name(); });
  CHECK(name.starts_with("asyncio_"));
  auto throws = []() -> int { throw heddle::KeyError("in thread"); };
  std::string end = co_await ending(asyncio::to_thread(throws));
  CHECK(end == "KeyError('in thread')");
  auto unique = co_await asyncio::to_thread([](int n) { return std::make_unique<int>(n); }, 4);
  CHECK(*unique == 4);
}

static heddle::ContextVar<std::string> request("request", "unset");

ASYNC_TEST_CASE("to_thread: copies the context, run_in_executor does not (rule 33)") {
  request.set("main");
  auto look = [] {
    std::string seen = request.get();
    request.set("changed in the thread");
    return seen;
  };
  std::string in_thread = co_await asyncio::to_thread(look);
  CHECK(in_thread == "main");
  CHECK(request.get() == "main");
  std::string in_executor = co_await asyncio::get_running_loop().run_in_executor(nullptr, look);
  CHECK(in_executor == "unset");
}

ASYNC_TEST_CASE("ContextVar: tasks copy, direct awaits share, callbacks have a copy (rule 33)") {
  request.set("one");
  auto child = [](std::string value) -> Coro<std::string> {
    std::string before = request.get();
    request.set(value);
    co_await asyncio::sleep(0s);
    co_return before + " -> " + request.get();
  };
  auto task = asyncio::create_task(child("own"));
  request.set("two");
  std::string seen = co_await task;
  CHECK(seen == "one -> own");
  CHECK(request.get() == "two");
  seen = co_await child("three");
  CHECK(seen == "two -> three");
  CHECK(request.get() == "three");
  Log log;
  asyncio::get_running_loop().call_soon([&log] {
    log.push_back(request.get());
    request.set("in callback");
  });
  co_await asyncio::sleep(0s);
  CHECK(log == Log{"three"});
  CHECK(request.get() == "three");
  heddle::Context context = heddle::copy_context();
  context.run([] { request.set("explicit"); });
  auto in_context = asyncio::create_task(child("kept"), asyncio::TaskOptions().context(context));
  seen = co_await in_context;
  CHECK(seen == "explicit -> kept");
}

// A gate that threads wait at, without a clock.
class Gate {
 public:
  void open() {
    open_.store(true);
    open_.notify_all();
  }
  void pass() const { open_.wait(false); }

 private:
  std::atomic<bool> open_{false};
};

TEST_CASE("to_thread: a cancelled await detaches, the thread runs on to its end (rule 39)") {
  Gate gate;
  std::atomic<bool> started{false};
  std::atomic<bool> ran_on{false};
  auto main = [&]() -> Coro<void> {
    auto work_in_thread = [&] {
      started = true;
      gate.pass();
      ran_on = true;
    };
    auto future = asyncio::to_thread(work_in_thread);
    while (!started) co_await asyncio::sleep(0s);  // from here on it cannot be kept from running
    std::string end = co_await ending(asyncio::wait_for(future, 1ms));
    CHECK(end == "TimeoutError()");
    CHECK(!ran_on);
    gate.open();
  };
  asyncio::run(main());
  CHECK(ran_on);  // run() joined the executor
}

TEST_CASE("to_thread: queued work of a cancelled await never runs (rule 39)") {
  Gate gate;
  bool second_ran = false;
  auto main = [&]() -> Coro<void> {
    futures::ThreadPoolExecutor pool(1);
    asyncio::EventLoop loop = asyncio::get_running_loop();
    auto first = loop.run_in_executor(pool, [&gate] { gate.pass(); });
    auto second = loop.run_in_executor(pool, [&second_ran] { second_ran = true; });
    CHECK(second.cancel());
    gate.open();
    co_await first;
  };
  asyncio::run(main());
  CHECK(!second_ran);
}

ASYNC_TEST_CASE("to_thread: a futures::Future can be awaited in place") {
  futures::ThreadPoolExecutor pool(2);
  int sum = co_await pool.submit(add, 1, 2);
  CHECK(sum == 3);
  futures::Future<int> cancelled;
  cancelled.cancel();
  std::string end = co_await ending(asyncio::wrap_future(cancelled));
  CHECK(end == "cancelled");
}

static Coro<int> add_later(int a, int b) {
  co_await asyncio::sleep(1ms);
  if (a < 0) throw heddle::ValueError("a");
  co_return a + b;
}

TEST_CASE("run_coroutine_threadsafe: results, errors and cancellation cross threads") {
  auto main = []() -> Coro<void> {
    asyncio::EventLoop loop = asyncio::get_running_loop();
    bool cancelled = false;
    auto sleeper = [&cancelled]() -> Coro<void> {
      try {
        co_await asyncio::sleep(1h);
      } catch (const CancelledError&) {
        cancelled = true;
        throw;
      }
    };
    auto other_thread = [&] {
      CHECK(asyncio::run_coroutine_threadsafe(add_later(1, 2), loop).result() == 3);
      CHECK_THROWS_AS(asyncio::run_coroutine_threadsafe(add_later(-1, 2), loop).result(),
                      heddle::ValueError);
      auto future = asyncio::run_coroutine_threadsafe(sleeper(), loop);
      CHECK_THROWS_AS(future.result(1ms), heddle::TimeoutError);
      CHECK(future.cancel());
    };
    co_await asyncio::to_thread(other_thread);
    while (!cancelled) co_await asyncio::sleep(0s);
  };
  asyncio::run(main());
}

TEST_CASE(
    "run_coroutine_threadsafe: a closed loop fails the future, and Task::cancel() may come from "
    "any thread") {
  asyncio::EventLoop loop;
  auto never = asyncio::run_coroutine_threadsafe(add_later(1, 2), loop);
  loop.close();
  CHECK_THROWS_AS(never.result(), heddle::RuntimeError);
  CHECK_THROWS_AS(asyncio::run_coroutine_threadsafe(add_later(1, 2), loop), heddle::RuntimeError);
  auto main = []() -> Coro<void> {
    auto task = asyncio::create_task(work({.delay = 1h}));
    threading::Thread canceller([&task] { task.cancel("from outside"); });
    co_await asyncio::sleep(0s);
    canceller.start();
    std::string end = co_await ending(task);
    canceller.join();
    CHECK(end == "cancelled: from outside");
  };
  asyncio::run(main());
}

TEST_CASE("run_coroutine_threadsafe: a task that its loop did not finish fails the future") {
  asyncio::EventLoop loop;
  loop.set_exception_handler([](asyncio::EventLoop&, const asyncio::ExceptionContext&) {});
  auto never = asyncio::run_coroutine_threadsafe(add_later(1, 2), loop);
  loop.call_soon([&loop] { loop.stop(); });
  loop.run_forever();  // one turn: the task has begun at most
  loop.close();
  CHECK_THROWS_AS(never.result(), std::exception);
}

TEST_CASE(
    "shutdown_default_executor: goes on without threads that do not end in time, and says so") {
  Gate gate;
  Log log;
  auto main = [&]() -> Coro<void> {
    asyncio::EventLoop loop = asyncio::get_running_loop();
    loop.set_exception_handler([&](asyncio::EventLoop&, const asyncio::ExceptionContext& context) {
      log.push_back(context.message);
    });
    auto future = loop.run_in_executor(nullptr, [&] { gate.pass(); });
    co_await loop.shutdown_default_executor(5ms);
    CHECK(log == Log{"The executor did not finish joining its threads within 0 seconds."});
    CHECK(!future.done());
    gate.open();
    co_await future;
  };
  asyncio::run(main());
  // The thread that joins the workers ends by itself now.
  while (heddle::threading::active_count() > 1) std::this_thread::yield();
}
