#include <heddle/asyncio/run.h>
#include <signal.h>

#include "asyncio/work.h"

static Coro<int> returns(int value) { co_return value; }

TEST_CASE("run: gives the result, a new loop each time, and passes exceptions on") {
  CHECK(asyncio::run(returns(7)) == 7);
  std::vector<asyncio::EventLoop> loops;
  auto main = [&loops]() -> Coro<void> {
    loops.push_back(asyncio::get_running_loop());
    co_return;
  };
  asyncio::run(main());
  asyncio::run(main());
  CHECK(loops[0] != loops[1]);
  CHECK(loops[0].is_closed());
  CHECK_THROWS_AS(asyncio::run(fail()), heddle::ValueError);
}

TEST_CASE("run: a coroutine runs at most once (seed: say_hello)") {
  Coro<int> call = returns(7);
  CHECK(asyncio::run(call) == 7);
  try {
    asyncio::run(call);
    FAIL("no exception");
  } catch (const heddle::RuntimeError& error) {
    CHECK(std::string(error.what()) == "cannot reuse already awaited coroutine");
  }
}

ASYNC_TEST_CASE("run: inside a running loop is a RuntimeError that says what to do") {
  Coro<int> call = returns(7);
  try {
    asyncio::run(call);
    FAIL("no exception");
  } catch (const heddle::RuntimeError& error) {
    CHECK(std::string(error.what()) ==
          "asyncio.run() cannot be called from a running event loop: co_await the coroutine in "
          "place of it");
  }
  call.close();
  co_return;
}

TEST_CASE("run: at the end the tasks that are left are cancelled and awaited (rule 32)") {
  Log log;
  testing::VirtualClock clock;
  auto left = [&log]() -> Coro<void> {
    std::exception_ptr cancelled;
    try {
      co_await asyncio::sleep(5s);
    } catch (...) {
      cancelled = std::current_exception();
    }
    co_await asyncio::sleep(20ms);
    log.push_back("leftover cleaned up");
    std::rethrow_exception(cancelled);
  };
  auto main = [&]() -> Coro<int> {
    asyncio::create_task(left());
    co_await asyncio::sleep(0s);
    log.push_back("main returns");
    co_return 7;
  };
  CHECK(asyncio::run(main(), asyncio::RunnerOptions().clock(clock)) == 7);
  CHECK(log == Log{"main returns", "leftover cleaned up"});
}

TEST_CASE("run: an error of a leftover task goes to the exception handler (rule 32)") {
  Log seen;
  testing::VirtualClock clock;
  auto left = []() -> Coro<void> {
    try {
      co_await asyncio::sleep(5s);
    } catch (const CancelledError&) {
      throw heddle::KeyError("late");
    }
  };
  auto main = [&]() -> Coro<void> {
    asyncio::get_running_loop().set_exception_handler(
        [&seen](asyncio::EventLoop&, const asyncio::ExceptionContext& context) {
          seen.push_back(context.message + " " + heddle::repr(context.exception));
        });
    asyncio::create_task(left());
    co_await asyncio::sleep(0s);
  };
  asyncio::run(main(), asyncio::RunnerOptions().clock(clock));
  CHECK(seen == Log{"unhandled exception during asyncio.run() shutdown KeyError('late')"});
}

TEST_CASE("Runner: one loop and one context for several runs") {
  static heddle::ContextVar<int> setting("setting", 0);
  asyncio::Runner runner;
  auto set = []() -> Coro<void> {
    setting.set(5);
    co_return;
  };
  auto get = []() -> Coro<int> { co_return setting.get(); };
  asyncio::EventLoop loop = runner.get_loop();
  runner.run(set());
  CHECK(runner.run(get()) == 5);
  CHECK(runner.get_loop() == loop);
  CHECK(setting.get() == 0);
  runner.close();
  Coro<int> late = get();
  CHECK_THROWS_AS(runner.run(late), heddle::RuntimeError);
  late.close();
}

static Coro<void> stops() {
  asyncio::get_running_loop().stop();
  co_await asyncio::sleep(5s);
}

TEST_CASE("run: a loop that is stopped before main ends is a RuntimeError (rule 4)") {
  CHECK_THROWS_WITH_AS(asyncio::run(stops()), "Event loop stopped before Future completed.",
                       heddle::RuntimeError);
}

TEST_CASE("run: the first Ctrl-C cancels main, and KeyboardInterrupt comes out (rule 32)") {
  Log log;
  auto main = [&log]() -> Coro<void> {
    ::raise(SIGINT);
    try {
      co_await asyncio::sleep(1h);
    } catch (const CancelledError&) {
      log.push_back("cancelled");
      throw;
    }
  };
  CHECK_THROWS_AS(asyncio::run(main()), heddle::KeyboardInterrupt);
  CHECK(log == Log{"cancelled"});
  struct sigaction now{};
  ::sigaction(SIGINT, nullptr, &now);
  CHECK((now.sa_handler == SIG_DFL));
}

TEST_CASE("run: a main that swallows Ctrl-C goes on; a second Ctrl-C ends it at once (rule 32)") {
  auto stubborn = [](bool twice) -> Coro<int> {
    ::raise(SIGINT);
    try {
      co_await asyncio::sleep(1h);
    } catch (const CancelledError&) {
      if (twice) ::raise(SIGINT);
    }
    co_await asyncio::sleep(1ms);
    co_return 7;
  };
  CHECK(asyncio::run(stubborn(false)) == 7);
  CHECK_THROWS_AS(asyncio::run(stubborn(true)), heddle::KeyboardInterrupt);
}
