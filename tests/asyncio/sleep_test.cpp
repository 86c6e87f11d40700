#include <heddle/asyncio/sleep.h>

#include "asyncio/work.h"

ASYNC_TEST_CASE(
    "sleep: takes at least its time, zero and less yield once without a timer (rule 6)") {
  asyncio::EventLoop loop = asyncio::get_running_loop();
  heddle::Nanoseconds start = loop.time();
  co_await asyncio::sleep(1500ms);
  CHECK(loop.time() - start == 1'500'000'000);
  bool other_ran = false;
  loop.call_soon([&other_ran] { other_ran = true; });
  co_await asyncio::sleep(-5s);
  CHECK(other_ran);
  CHECK(loop.time() - start == 1'500'000'000);
  std::string result = co_await asyncio::sleep(0s, std::string("value"));
  CHECK(result == "value");
}

ASYNC_TEST_CASE("sleep: a cancelled one takes its timer along") {
  auto task = asyncio::create_task(asyncio::sleep(1h));
  co_await asyncio::sleep(0s);
  task.cancel();
  co_await until_done(task);
  CHECK(task.cancelled());  // the run's end checks that no timer is left
}

// snippet: sleep
ASYNC_TEST_CASE("sleep: those that end at the same time wake in the order in which they began") {
  Log log;
  auto nap = [&log](std::string name) -> Coro<void> {
    co_await asyncio::sleep(10ms);
    log.push_back(name);
  };
  co_await asyncio::gather(nap("a"), nap("b"), nap("c"));
  CHECK(log == Log{"a", "b", "c"});
}
// end snippet

// The cancelling callback is due at the same time, and was set first.
ASYNC_TEST_CASE("sleep: a cancellation in the turn in which it ends wins, and counts once") {
  asyncio::EventLoop loop = asyncio::get_running_loop();
  std::optional<asyncio::Task<void>> task;
  heddle::Nanoseconds start = loop.time();
  loop.call_later(10ms, [&task] { task->cancel(); });
  int after = 0;
  auto sleeps_twice = [&after]() -> Coro<void> {
    try {
      co_await asyncio::sleep(10ms);
    } catch (const CancelledError&) {
      ++after;
    }
    co_await asyncio::sleep(10ms);
    ++after;
  };
  task = asyncio::create_task(sleeps_twice());
  co_await *task;
  CHECK(after == 2);
  CHECK(loop.time() - start == 20'000'000);
}

TEST_CASE("sleep: a loop that is left in the turn in which it ends takes its task apart") {
  testing::VirtualClock clock;
  asyncio::EventLoop loop(clock);
  std::string report;
  loop.set_exception_handler(
      [&report](asyncio::EventLoop&, const asyncio::ExceptionContext& context) {
        report = context.message;
      });
  loop.call_later(10ms, [] { throw heddle::KeyboardInterrupt(); });
  auto task = loop.create_task(asyncio::sleep(10ms));
  CHECK_THROWS_AS(loop.run_forever(), heddle::KeyboardInterrupt);
  CHECK(!task.done());
  loop.close();
  CHECK(task.cancelled());
  CHECK(report == "Task was destroyed but it is pending!");
}

ASYNC_TEST_CASE("sleep: one object serves one await, a second is an error and takes no time") {
  asyncio::EventLoop loop = asyncio::get_running_loop();
  for (heddle::Nanoseconds delay : {0, 10'000'000}) {
    heddle::Nanoseconds start = loop.time();
    auto nap = asyncio::sleep(std::chrono::nanoseconds(delay));
    co_await nap;
    std::string error;
    try {
      co_await nap;
    } catch (const heddle::RuntimeError& thrown) {
      error = thrown.what();
    }
    CHECK(error == "cannot reuse already awaited coroutine");
    CHECK(loop.time() - start == delay);
  }
}
