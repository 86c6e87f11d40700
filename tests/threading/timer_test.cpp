#include <doctest/doctest.h>
#include <heddle/threading/timer.h>

#include <string>
#include <thread>
#include <vector>

namespace threading = heddle::threading;
using namespace std::chrono_literals;
using threading::Timer;

TEST_CASE("Timer: calls its function with the arguments once the interval is over") {
  std::vector<std::string> calls;
  auto begin = std::chrono::steady_clock::now();
  Timer timer(5ms, [&](std::string text) { calls.push_back(std::move(text)); }, "one");
  timer.start();
  timer.join();
  CHECK(std::chrono::steady_clock::now() - begin >= 5ms);
  CHECK(calls == std::vector<std::string>{"one"});
  timer.cancel();  // too late: nothing happens
}

TEST_CASE("Timer: cancel() works while it waits and before start()") {
  int calls = 0;
  Timer waiting(1h, [&] { ++calls; });
  waiting.start();
  waiting.cancel();
  waiting.join();
  Timer cancelled_before(-1s, [&] { ++calls; });
  cancelled_before.cancel();
  cancelled_before.start();
  cancelled_before.join();
  CHECK(calls == 0);
}

TEST_CASE("Timer: is a thread with options, and dropping the object does not stop it") {
  threading::Event called;
  {
    Timer timer(threading::ThreadOptions().name("soon").daemon(true), 1ms, [&] { called.set(); });
    CHECK(timer.name() == "soon");
    CHECK(timer.daemon());
    timer.start();
  }
  CHECK(called.wait());
  while (threading::active_count() > 1) std::this_thread::yield();
}
