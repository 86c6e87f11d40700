#include "asyncio/work.h"

#include <cstdlib>
#include <thread>

// Everything that the exception handler of this loop is told.
static Log& listen(Log& log) {
  asyncio::get_running_loop().set_exception_handler(
      [&log](auto&, const asyncio::ExceptionContext& context) {
        log.push_back(context.message + "|" + context.subject);
      });
  return log;
}

ASYNC_TEST_CASE("debug mode: a slow step is reported with its task and the line it went on from") {
  Log log;
  asyncio::EventLoop loop = asyncio::get_running_loop();
  CHECK(!loop.get_debug());
  loop.set_debug(true);
  CHECK(loop.get_slow_callback_duration() == 100'000'000);
  loop.set_slow_callback_duration(50ms);
  listen(log);
  auto slow = []() -> Coro<void> {
    co_await asyncio::sleep(0s);
    testing::block_for(60'000'000);
  };
  co_await asyncio::create_task(slow(), asyncio::TaskOptions().name("slow one"));
  REQUIRE(log.size() == 1);
  CHECK(log[0].starts_with("Executing <Task finished name='slow one' coro=<"));
  CHECK(log[0].find("> took 0.060 seconds|resumed: after the await in ") != log[0].npos);
  CHECK(log[0].find("(debug_test.cpp:") != log[0].npos);
  log.clear();
  loop.call_soon([] { testing::block_for(70'000'000); });
  co_await asyncio::sleep(0s);
  REQUIRE(log.size() == 1);
  CHECK(log[0].starts_with("Executing <Handle "));
  CHECK(log[0].find("debug_test.cpp:") != log[0].npos);
  CHECK(log[0].find(" took 0.070 seconds") != log[0].npos);
  CHECK_THROWS_AS(loop.set_slow_callback_duration(0s), heddle::ValueError);
  loop.set_debug(false);
}

ASYNC_TEST_CASE("debug mode: a task that swallows its cancellation is reported") {
  Log log;
  asyncio::get_running_loop().set_debug(true);
  listen(log);
  auto swallows = []() -> Coro<void> {
    try {
      co_await asyncio::sleep(1h);
    } catch (const CancelledError&) {
      // and says nothing
    }
  };
  auto task = asyncio::create_task(swallows());
  co_await asyncio::sleep(0s);
  task.cancel();
  co_await until_done(task);
  REQUIRE(log.size() == 1);
  CHECK(log[0].starts_with("Task swallowed a cancellation|task:    <Task"));
  co_await ending(asyncio::wait_for(asyncio::sleep(1h), 1ms));
  CHECK(log.size() == 1);  // a timeout takes its own request back
}

TEST_CASE("debug mode: futures, events and callbacks of another thread's loop are refused") {
  auto main = []() -> Coro<void> {
    asyncio::EventLoop loop = asyncio::get_running_loop();
    auto future = asyncio::create_future<int>();
    asyncio::Event event;
    auto waits = asyncio::create_task(event.wait());
    co_await asyncio::sleep(0s);
    std::thread other([&] {
      CHECK_THROWS_AS(future.set_result(1), heddle::RuntimeError);
      CHECK_THROWS_AS(future.cancel(), heddle::RuntimeError);
      CHECK_THROWS_AS(event.set(), heddle::RuntimeError);
      CHECK_THROWS_AS(loop.call_soon([] {}), heddle::RuntimeError);
    });
    other.join();
    event.clear();
    event.set();
    co_await waits;
  };
  asyncio::run(main(), asyncio::RunnerOptions().debug(true));
}

TEST_CASE("debug mode: HEDDLE_DEBUG switches it on; a clean run reports nothing") {
  ::setenv("HEDDLE_DEBUG", "1", 1);
  Log log;
  auto main = [&log]() -> Coro<void> {
    listen(log);
    CHECK(asyncio::get_running_loop().get_debug());
    asyncio::get_running_loop().set_slow_callback_duration(1h);
    co_await asyncio::gather(work({.delay = 1ms}), asyncio::sleep(0s));
  };
  asyncio::run(main());
  ::setenv("HEDDLE_DEBUG", "0", 1);
  auto off = []() -> Coro<bool> { co_return asyncio::get_running_loop().get_debug(); };
  CHECK(!asyncio::run(off()));
  ::unsetenv("HEDDLE_DEBUG");
  CHECK(log.empty());
}

TEST_CASE("debug mode: the watchdog speaks while the loop is still stuck") {
  // Its report goes to stderr, from its own thread: a file takes it, and the loop spins until it is
  // there.
  std::FILE* file = std::tmpfile();
  std::FILE* former = stderr;
  stderr = file;
  std::string text;
  Log log;
  auto stuck = [&]() -> Coro<void> {
    co_await asyncio::sleep(0s);
    while (text.find("nothing else runs meanwhile") == text.npos) {
      char buffer[4096];
      std::rewind(file);
      std::size_t count = std::fread(buffer, 1, sizeof buffer, file);
      text.assign(buffer, count);
    }
  };
  auto main = [&]() -> Coro<void> {
    asyncio::get_running_loop().set_slow_callback_duration(10ms);
    listen(log);
    co_await stuck();
  };
  asyncio::run(main(), asyncio::RunnerOptions().debug(true));
  stderr = former;
  std::fclose(file);
  const std::string begin = "Event loop is stuck: the present step has been running for ";
  std::size_t at = text.find(begin);
  REQUIRE(at != text.npos);
  CHECK(std::stod(text.substr(at + begin.size())) >= 0.010);  // seconds; no sooner than it is slow
  CHECK(text.find("after the await at ") != text.npos);
  CHECK(text.find("debug_test.cpp:") != text.npos);
}

static Coro<void> creates_a_task() {
  co_await asyncio::sleep(0s);
  asyncio::create_task(fail());
}

ASYNC_TEST_CASE("debug mode: a report about a task says where it was created") {
  asyncio::EventLoop loop = asyncio::get_running_loop();
  Log subjects;
  loop.set_exception_handler([&](asyncio::EventLoop&, const asyncio::ExceptionContext& context) {
    subjects.push_back(context.subject);
  });
  for (bool debug : {false, true}) {
    loop.set_debug(debug);
    co_await creates_a_task();
    co_await testing::wait_until_idle();
  }
  loop.set_debug(false);
  loop.reset_exception_handler();
  REQUIRE(subjects.size() == 2);
  CHECK(subjects[0].find("created") == std::string::npos);
  CHECK(subjects[1].find("\n  created: in creates_a_task (debug_test.cpp:") != std::string::npos);
}
