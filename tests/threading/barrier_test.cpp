#include <heddle/threading/barrier.h>

#include <algorithm>
#include <memory>
#include <thread>

#include "threading/stress.h"

namespace threading = heddle::threading;
using namespace std::chrono_literals;
using threading::Barrier;
using threading::BrokenBarrierError;
using threading::Thread;

// Waits in another thread; what came of it is in `result` after join().
struct Waiting {
  std::ptrdiff_t index = -1;
  bool broken = false;
  Thread thread;
  template <class... Timeout>
  explicit Waiting(Barrier& barrier, Timeout... timeout)
      : thread([this, &barrier, timeout...] {
          try {
            index = barrier.wait(timeout...);
          } catch (const BrokenBarrierError&) {
            broken = true;
          }
        }) {
    thread.start();
  }
};

static void until_waiting(Barrier& barrier, std::ptrdiff_t count) {
  while (barrier.n_waiting() != count) std::this_thread::yield();
}

TEST_CASE("Barrier: the last to come runs the action, and everybody gets another index") {
  int actions = 0;
  Barrier barrier(3, [&] { ++actions; });
  CHECK(barrier.parties() == 3);
  for (int round = 1; round <= 3; ++round) {
    Waiting a(barrier), b(barrier);
    std::vector<std::ptrdiff_t> indices{barrier.wait()};
    a.thread.join();
    b.thread.join();
    indices.insert(indices.end(), {a.index, b.index});
    std::sort(indices.begin(), indices.end());
    CHECK(indices == std::vector<std::ptrdiff_t>{0, 1, 2});
    CHECK(actions == round);
  }
  CHECK(Barrier(1).wait() == 0);
}

TEST_CASE("Barrier: needs a party") {
  CHECK(threading::text_of<heddle::ValueError>([] { Barrier barrier(0); }) ==
        "parties must be >= 1");
  CHECK_THROWS_AS(Barrier(-1), heddle::ValueError);
}

TEST_CASE("Barrier: a timeout breaks it for all, until reset()") {
  Barrier barrier(3);
  Waiting other(barrier);
  CHECK_THROWS_AS(barrier.wait(1ms), BrokenBarrierError);
  other.thread.join();
  CHECK(other.broken);
  CHECK(barrier.broken());
  CHECK(barrier.n_waiting() == 0);
  CHECK_THROWS_AS(barrier.wait(), BrokenBarrierError);
  barrier.reset();
  CHECK_FALSE(barrier.broken());
  Waiting a(barrier), b(barrier);
  CHECK_NOTHROW(barrier.wait());
  a.thread.join();
  b.thread.join();

  Barrier with_default(2, 1ms);
  CHECK_THROWS_AS(with_default.wait(), BrokenBarrierError);
}

TEST_CASE("Barrier: abort() and reset() send those away who wait") {
  Barrier barrier(2);
  Waiting first(barrier);
  until_waiting(barrier, 1);
  barrier.reset();
  first.thread.join();
  CHECK(first.broken);
  CHECK_FALSE(barrier.broken());
  Waiting second(barrier);
  until_waiting(barrier, 1);
  barrier.abort();
  second.thread.join();
  CHECK(second.broken);
  CHECK(barrier.broken());
}

TEST_CASE("Barrier: an action that throws breaks it, and its thread gets the exception") {
  Barrier barrier(2, [] { throw heddle::KeyError("action"); });
  Waiting other(barrier);
  until_waiting(barrier, 1);
  CHECK_THROWS_AS(barrier.wait(), heddle::KeyError);
  other.thread.join();
  CHECK(other.broken);
  CHECK(barrier.broken());
}

TEST_CASE("Barrier: a timeout during the action does not break a round that is complete") {
  std::unique_ptr<Waiting> other;
  Barrier barrier(2, [&] {
    // Longer than the timeout of the other, which began before.
    auto end = std::chrono::steady_clock::now() + 30ms;
    while (std::chrono::steady_clock::now() < end) std::this_thread::yield();
  });
  other = std::make_unique<Waiting>(barrier, heddle::Delay(20ms));
  while (barrier.n_waiting() == 0 && !barrier.broken()) std::this_thread::yield();
  bool tripped = !threading::text_of<BrokenBarrierError>([&] { barrier.wait(); }).size();
  other->thread.join();
  CHECK(other->broken == !tripped);  // both or neither
  CHECK(barrier.broken() == !tripped);
}

TEST_CASE("Barrier: rounds do not mix, timeouts at random") {
  threading::for_thread_counts([](unsigned count) {
    std::atomic<long> rounds{0}, broken{0};
    Barrier barrier(count, [&] { ++rounds; });
    std::atomic<long> passed{0};
    std::atomic<unsigned> finished{0};
    threading::run_threads(count, [&](unsigned, auto& random) {
      for (int n = 0; n < 200; ++n) {
        try {
          if (random() % 8 == 0) {
            barrier.wait(threading::random_timeout(random));
          } else {
            barrier.wait();
          }
          ++passed;
        } catch (const BrokenBarrierError&) {
          ++broken;
          barrier.reset();
        }
      }
      // Whoever still waits for those that are done.
      for (++finished; finished < count; std::this_thread::yield()) barrier.abort();
    });
    CHECK(passed == rounds * count);
    CHECK(passed + broken == 200L * count);
  });
}

TEST_CASE("Barrier: a timeout in the distant past is over at once") {
  Barrier barrier(2);
  CHECK_THROWS_AS(barrier.wait(std::chrono::nanoseconds::min()), BrokenBarrierError);
}
