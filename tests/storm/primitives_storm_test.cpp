// Every primitive under 2 to 16 threads that do everything to it at random, also with timeouts and
// through shutdowns, by the hundred thousand: what it guards is whole, nothing is lost, and nobody
// sleeps for ever, which the test's time limit would see. HEDDLE_STORM_CALLS=N makes N calls a
// primitive, HEDDLE_SEED repeats what the threads choose.
#include <doctest/doctest.h>
#include <heddle/futures.h>
#include <heddle/queue.h>
#include <heddle/threading.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <optional>
#include <random>
#include <vector>

#include "threading/stress.h"

using namespace std::chrono_literals;
namespace futures = heddle::futures;
namespace queue = heddle::queue;
namespace threading = heddle::threading;
using Random = std::mt19937_64;

namespace {

std::uint64_t calls() {
  const char* text = std::getenv("HEDDLE_STORM_CALLS");
  return text != nullptr ? std::strtoull(text, nullptr, 10) : HEDDLE_STORM_CALLS;
}

// Short enough that some expire and some do not.
std::chrono::nanoseconds moment(Random& random) {
  return std::chrono::nanoseconds(random() % 20'000);
}

// Runs storm(threads, calls of each of them) for 2, 4, 8 and 16 threads.
template <class Storm>
void storms(Storm storm) {
  threading::for_thread_counts([&](unsigned count) { storm(count, calls() / 4 / count); });
}

// Whether acquire() in one of its forms took it.
template <class L>
bool acquire_somehow(L& lock, Random& random) {
  switch (random() % 4) {
    case 0:
      return lock.acquire(false);
    case 1:
      return lock.acquire(moment(random));
    default:
      return lock.acquire();
  }
}

template <class L>
void storm_of_lock(unsigned count, std::uint64_t calls, bool enters_again) {
  L lock;
  std::uint64_t guarded = 0;  // plain: two at once would be a race
  std::atomic<std::uint64_t> taken{0};
  threading::run_threads(count, [&](unsigned, Random& random) {
    std::uint64_t mine = 0;
    for (std::uint64_t i = 0; i < calls; ++i) {
      if (!acquire_somehow(lock, random)) continue;
      bool again = enters_again && random() % 2 == 0 && acquire_somehow(lock, random);
      ++guarded;
      ++mine;
      if (again) lock.release();
      lock.release();
    }
    taken += mine;
  });
  CHECK(guarded == taken);
  CHECK(!lock.locked());
}

template <class S>
void storm_of_semaphore(unsigned count, std::uint64_t calls) {
  constexpr int permits = 2;
  S semaphore(permits);
  std::atomic<int> inside{0};
  std::atomic<bool> crowded{false};
  threading::run_threads(count, [&](unsigned, Random& random) {
    for (std::uint64_t i = 0; i < calls; ++i) {
      if (!acquire_somehow(semaphore, random)) continue;
      if (inside.fetch_add(1) >= permits) crowded = true;
      inside.fetch_sub(1);
      semaphore.release();
    }
  });
  CHECK(!crowded);
  CHECK(semaphore.value() == permits);
}

// As many threads put as take; each waits for room or for an item, now and then with a timeout.
void storm_of_condition(unsigned count, std::uint64_t calls) {
  constexpr int room = 3;
  threading::Condition changed;
  int items = 0;
  threading::run_threads(count, [&](unsigned index, Random& random) {
    int change = index % 2 == 0 ? 1 : -1;
    auto can = [&] { return change > 0 ? items < room : items > 0; };
    for (std::uint64_t i = 0; i < calls; ++i) {
      std::lock_guard held(changed);
      while (random() % 4 == 0 ? !changed.wait_for(can, moment(random)) : !changed.wait_for(can)) {
      }
      items += change;
      // Who is woken may be of the same kind; so all of them are.
      changed.notify_all();
    }
  });
  CHECK(items == 0);
}

// Pairs that wake each other in turn, while others wait for both with timeouts.
void storm_of_event(unsigned count, std::uint64_t calls) {
  struct Pair {
    threading::Event ping, pong;
    std::uint64_t turns = 0;  // plain: handed over by the events
  };
  std::vector<Pair> pairs(count / 2);
  threading::run_threads(count, [&](unsigned index, Random& random) {
    Pair& pair = pairs[index / 2];
    threading::Event& mine = index % 2 == 0 ? pair.ping : pair.pong;
    threading::Event& other = index % 2 == 0 ? pair.pong : pair.ping;
    if (index % 2 == 0) mine.set();
    for (std::uint64_t i = 0; i < calls; ++i) {
      while (random() % 4 == 0 ? !mine.wait(moment(random)) : !mine.wait()) {
      }
      mine.clear();
      ++pair.turns;
      other.set();
    }
  });
  for (Pair& pair : pairs) CHECK(pair.turns == 2 * calls);
}

void storm_of_barrier(unsigned count, std::uint64_t calls) {
  std::atomic<std::uint64_t> rounds{0}, passed{0}, broken{0};
  std::atomic<unsigned> finished{0};
  threading::Barrier barrier(count, [&] { ++rounds; });
  threading::run_threads(count, [&](unsigned, Random& random) {
    for (std::uint64_t i = 0; i < calls; ++i) {
      try {
        random() % 8 == 0 ? barrier.wait(10 * moment(random)) : barrier.wait();
        ++passed;
      } catch (const threading::BrokenBarrierError&) {
        ++broken;
        barrier.reset();
      }
    }
    // Whoever still waits for those that are done.
    for (++finished; finished < count; std::this_thread::yield()) barrier.abort();
  });
  CHECK(passed == rounds * count);
  CHECK(passed + broken == calls * count);
}

// As many threads put as get, until one of them shuts the queue down.
template <class Q>
void storm_of_queue(unsigned count, std::uint64_t calls) {
  Q items(4);
  std::atomic<std::uint64_t> put{0}, got{0};
  threading::run_threads(count, [&](unsigned index, Random& random) {
    std::uint64_t mine = 0;
    try {
      while (mine < calls) {
        try {
          bool hurried = random() % 4 == 0;
          if (index % 2 == 0) {
            hurried ? items.put(1, moment(random)) : items.put(1);
          } else {
            hurried ? items.get(moment(random)) : items.get();
            items.task_done();
          }
          ++mine;
        } catch (const queue::Full&) {
        } catch (const queue::Empty&) {
        }
      }
      items.shutdown(false);
    } catch (const queue::ShutDown&) {
    }
    (index % 2 == 0 ? put : got) += mine;
  });
  std::uint64_t left = 0;
  while (!items.empty()) {
    items.get();
    items.task_done();
    ++left;
  }
  items.join();
  CHECK(put == got + left);
}

// Threads submit, cancel, look and wait; a pool is shut down while they do.
void storm_of_pool(unsigned count, std::uint64_t calls) {
  constexpr std::uint64_t pools = 8;
  std::atomic<std::uint64_t> submitted{0}, ran{0}, called_back{0}, cancelled{0}, finished{0};
  for (std::uint64_t round = 0; round < pools; ++round) {
    futures::ThreadPoolExecutor pool(static_cast<std::ptrdiff_t>(count));
    threading::run_threads(count, [&](unsigned index, Random& random) {
      std::vector<futures::Future<int>> mine;
      try {
        for (std::uint64_t i = 0; i < calls / pools; ++i) {
          mine.push_back(pool.submit([&ran] { return static_cast<int>(++ran % 100); }));
          ++submitted;
          if (random() % 4 == 0)
            mine.back().add_done_callback([&called_back](const auto&) { ++called_back; });
          else
            ++called_back;
          if (random() % 8 == 0) mine.back().cancel();
          if (i % 16 == 15)
            futures::wait(std::vector(mine.end() - 16, mine.end()), {.timeout = moment(random)});
        }
        if (index == 0)
          pool.shutdown({.wait = random() % 2 == 0, .cancel_futures = random() % 2 == 0});
      } catch (const heddle::RuntimeError&) {
        // "cannot schedule new futures after shutdown"
      }
      for (auto& future : mine) {
        try {
          future.result();
          ++finished;
        } catch (const futures::CancelledError&) {
          ++cancelled;
        }
      }
    });
  }
  CHECK(finished == ran);
  CHECK(finished + cancelled == submitted);
  CHECK(called_back == submitted);
}

}  // namespace

TEST_CASE("storm: Lock and RLock") {
  storms([](unsigned count, std::uint64_t calls) {
    storm_of_lock<threading::Lock>(count, calls, false);
    storm_of_lock<threading::RLock>(count, calls, true);
  });
}
TEST_CASE("storm: Semaphore and BoundedSemaphore") {
  storms([](unsigned count, std::uint64_t calls) {
    storm_of_semaphore<threading::Semaphore>(count, calls);
    storm_of_semaphore<threading::BoundedSemaphore>(count, calls);
  });
}
TEST_CASE("storm: Condition") { storms(storm_of_condition); }
TEST_CASE("storm: Event") { storms(storm_of_event); }
TEST_CASE("storm: Barrier") { storms(storm_of_barrier); }
TEST_CASE("storm: Queue, LifoQueue and PriorityQueue") {
  storms([](unsigned count, std::uint64_t calls) {
    storm_of_queue<queue::Queue<int>>(count, calls);
    storm_of_queue<queue::LifoQueue<int>>(count, calls);
    storm_of_queue<queue::PriorityQueue<int>>(count, calls);
  });
}
TEST_CASE("storm: ThreadPoolExecutor and its futures") { storms(storm_of_pool); }
