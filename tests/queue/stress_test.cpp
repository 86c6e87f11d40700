// Threads at random on one queue: nothing is lost, nothing comes twice, the items of one putter
// stay in their order, and nobody sleeps for ever. A hang is a failure by the time limit of the
// test.
#include <algorithm>
#include <atomic>
#include <random>

#include "queue/work.h"

namespace {

// producer * scale + number of the item
constexpr long scale = 1'000'000;

struct Plan {
  unsigned seed;
  int putters;
  int getters;
  long items;  // a putter
  std::ptrdiff_t maxsize;
};

template <class Q>
struct Storm {
  explicit Storm(const Plan& p) : plan(p), q(p.maxsize) {}

  const Plan plan;
  Q q;
  std::atomic<long> refused = 0;
  std::vector<std::vector<long>> taken{static_cast<std::size_t>(plan.getters)};

  void put_all(int putter) {
    std::mt19937 random(plan.seed * 97 + static_cast<unsigned>(putter));
    for (long i = 0; i < plan.items;) {
      try {
        put_somehow(putter * scale + i, random() % 8);
        ++i;
      } catch (const queue::Full&) {
        ++refused;
      } catch (const queue::ShutDown&) {
        return;
      }
    }
  }
  void put_somehow(long item, unsigned way) {
    if (way == 0) return q.put_nowait(item);
    if (way == 1) return q.put(item, std::chrono::microseconds(item % 50));
    q.put(item);
  }

  void get_all(int getter) {
    std::mt19937 random(plan.seed * 89 + static_cast<unsigned>(getter));
    std::vector<long>& mine = taken[static_cast<std::size_t>(getter)];
    for (;;) {
      try {
        mine.push_back(get_somehow(random() % 8));
        q.task_done();
      } catch (const queue::Empty&) {
      } catch (const queue::ShutDown&) {
        return;
      }
    }
  }
  long get_somehow(unsigned way) {
    if (way == 0) return q.get_nowait();
    if (way == 1) return q.get(30us);
    if (way == 2) {
      std::optional<long> item = q.next();
      if (!item) throw queue::ShutDown();
      return *item;
    }
    return q.get();
  }

  // Every item once; those of one putter in order at each getter, if `fifo`.
  void check_all_there(bool fifo) {
    std::vector<long> all;
    for (const auto& mine : taken) {
      std::vector<long> last(static_cast<std::size_t>(plan.putters), -1);
      for (long item : mine) {
        long& former = last[static_cast<std::size_t>(item / scale)];
        if (fifo && item <= former)
          FAIL("seed " << plan.seed << ": " << item << " after " << former);
        former = item;
        all.push_back(item);
      }
    }
    std::sort(all.begin(), all.end());
    REQUIRE(all.size() == static_cast<std::size_t>(plan.putters * plan.items));
    for (std::size_t i = 0; i < all.size(); ++i) {
      long expected = static_cast<long>(i) / plan.items * scale + static_cast<long>(i) % plan.items;
      if (all[i] != expected) FAIL("seed " << plan.seed << ": " << all[i] << " at " << i);
    }
  }
};

template <class Q>
void run(const Plan& plan, bool fifo) {
  CAPTURE(plan.seed);
  Storm<Q> storm(plan);
  std::deque<Worker> putters, getters;
  for (int i = 0; i < plan.getters; ++i) getters.emplace_back([&storm, i] { storm.get_all(i); });
  for (int i = 0; i < plan.putters; ++i) putters.emplace_back([&storm, i] { storm.put_all(i); });
  putters.clear();
  storm.q.join();
  CHECK(storm.q.empty());
  storm.q.shutdown();
  getters.clear();
  storm.check_all_there(fifo);
}

template <class Q>
void storms(bool fifo, long items) {
  for (unsigned seed = 1; seed <= 12; ++seed) {
    std::mt19937 random(seed);
    int putters = 1 + static_cast<int>(random() % 8), getters = 1 + static_cast<int>(random() % 8);
    static constexpr std::ptrdiff_t sizes[] = {1, 2, 7, 100, 1024, 0};
    run<Q>({seed, putters, getters, items / putters, sizes[random() % 6]}, fifo);
  }
}

}  // namespace

TEST_CASE("stress: Queue, 2 to 16 threads, timeouts at random: each item once, in its order") {
  storms<queue::Queue<long>>(true, 24'000);
}

TEST_CASE("stress: LifoQueue and PriorityQueue, 2 to 16 threads: each item once") {
  storms<queue::LifoQueue<long>>(false, 5'000);
  storms<queue::PriorityQueue<long>>(false, 5'000);
}

TEST_CASE("stress: shutdown at any moment: what was put was taken or dropped, and join() returns") {
  for (unsigned seed = 1; seed <= 60; ++seed) {
    std::mt19937 random(seed);
    CAPTURE(seed);
    bool immediate = random() % 2 == 0;
    Storm<queue::Queue<long>> storm(
        {seed, 1 + static_cast<int>(random() % 4), 1 + static_cast<int>(random() % 4), 2'000, 4});
    {
      std::deque<Worker> workers;
      for (int i = 0; i < storm.plan.putters; ++i)
        workers.emplace_back([&storm, i] { storm.put_all(i); });
      for (int i = 0; i < storm.plan.getters; ++i)
        workers.emplace_back([&storm, i] { storm.get_all(i); });
      workers.emplace_back([&storm] { storm.q.join(); });
      for (unsigned turns = random() % 200; turns > 0; --turns) std::this_thread::yield();
      storm.q.shutdown(immediate);
    }
    storm.q.join();
    CHECK(storm.q.unfinished_tasks() == 0);
    CHECK(storm.q.empty());
  }
}

TEST_CASE("stress: stop requests at any moment lose neither items nor wake-ups") {
  for (int seed = 1; seed <= 40; ++seed) {
    queue::Queue<int> q(2);
    std::atomic<int> sum = 0;
    std::stop_source source;
    {
      std::deque<Worker> workers;
      for (int i = 0; i < 4; ++i) {
        workers.emplace_back([&, i] {
          try {
            for (;;) sum += i % 2 == 0 ? q.get(source.get_token()) : q.get();
          } catch (const heddle::CancelledError&) {
          } catch (const queue::ShutDown&) {
          }
        });
      }
      for (int n = 0; n < 120; ++n) {
        if (n == seed * 3) source.request_stop();
        q.put(1);
      }
      q.shutdown();
    }
    CHECK(q.empty());
    CHECK(sum == 120);
  }
}

TEST_CASE("stress: SimpleQueue, many putters and getters: each item once, in its order") {
  for (int threads : {1, 2, 8}) {
    queue::SimpleQueue<long> q;
    std::vector<std::vector<long>> taken(static_cast<std::size_t>(threads));
    long items = 60'000 / threads;
    {
      std::deque<Worker> workers;
      for (int t = 0; t < threads; ++t) {
        workers.emplace_back([&, t] {
          for (long i = 0; i < items; ++i) q.put(t * scale + i);
        });
        workers.emplace_back([&, t] {
          auto& mine = taken[static_cast<std::size_t>(t)];
          while (mine.size() < static_cast<std::size_t>(items)) {
            try {
              mine.push_back(mine.size() % 5 == 0 ? q.get(20us) : q.get());
            } catch (const queue::Empty&) {
            }
          }
        });
      }
    }
    std::vector<long> all;
    for (const auto& mine : taken) {
      std::vector<long> last(static_cast<std::size_t>(threads), -1);
      for (long item : mine) {
        REQUIRE(item > last[static_cast<std::size_t>(item / scale)]);
        last[static_cast<std::size_t>(item / scale)] = item;
        all.push_back(item);
      }
    }
    std::sort(all.begin(), all.end());
    CHECK(std::adjacent_find(all.begin(), all.end()) == all.end());
    CHECK(all.size() == static_cast<std::size_t>(threads * items));
    CHECK(q.empty());
  }
}
