#include <heddle/threading/wait_queue.h>

#include <mutex>

#include "threading/stress.h"

namespace threading = heddle::threading;
using namespace std::chrono_literals;
using threading::WaitQueue;

static_assert(std::is_trivially_destructible_v<WaitQueue>);
[[maybe_unused]] static constinit WaitQueue constant_initialised;

TEST_CASE("WaitQueue: a waiter leaves at its deadline, wherever it stands") {
  WaitQueue line;
  WaitQueue::Waiter first, middle, last;
  {
    std::lock_guard held(line);
    line.push_back(middle);
    line.push_back(last);
    line.push_front(first);
  }
  CHECK(line.wait(middle, 0s) == 0);
  CHECK(line.wait(first, 1ms) == 0);
  CHECK(line.wait(last, -1s) == 0);
  std::lock_guard held(line);
  CHECK(line.empty());
}

TEST_CASE("WaitQueue: take() follows the line, and wake() says what comes of it") {
  WaitQueue line;
  WaitQueue::Waiter first, second, third;
  {
    std::lock_guard held(line);
    line.push_back(second);
    line.push_back(third);
    line.push_front(first);
    WaitQueue::Woken woken;
    CHECK(woken.empty());
    CHECK(line.take(woken, 1) == 1);
    woken.wake(7);
    CHECK(line.take(woken, 5) == 2);
    CHECK(line.take(woken) == 0);
    CHECK_FALSE(woken.empty());
  }
  CHECK(line.wait(first) == 7);
  CHECK(line.wait(second, 0s) == 1);  // taken before its deadline came
  CHECK(line.wait(third) == 1);
}

TEST_CASE("WaitQueue: each thread is either taken or leaves, never both") {
  threading::for_thread_counts([](unsigned count) {
    WaitQueue line;
    std::atomic<long> woken{0}, left{0}, taken{0};
    std::atomic<unsigned> running{count - 1};
    threading::run_threads(count, [&](unsigned index, auto& random) {
      if (index == 0) {
        while (running > 0) {
          WaitQueue::Woken some;
          std::lock_guard held(line);
          taken += static_cast<long>(line.take(some, random() % 3));
        }
        return;
      }
      for (int n = 0; n < 1'000; ++n) {
        WaitQueue::Waiter me;
        {
          std::lock_guard held(line);
          random() % 2 == 0 ? line.push_back(me) : line.push_front(me);
        }
        ++(line.wait(me, threading::random_timeout(random)) != 0 ? woken : left);
      }
      --running;
    });
    CHECK(woken == taken);
    CHECK(woken + left == 1'000L * (count - 1));
  });
}
