// The primitives under thousands of schedules: what holds in each of them.
#include "schedules/schedules.h"

#include <heddle/threading.h>

#include <deque>
#include <mutex>

using namespace std::chrono_literals;
using namespace heddle::threading;
using heddle::testing::expect;
using heddle::testing::expect_equal;
using heddle::testing::schedules;
using heddle::testing::ThreadWorld;
using heddle::testing::Together;

namespace {

// How many are inside, and that they are never too many.
class Room {
 public:
  explicit Room(int most) : most_(most) {}
  void enter(ThreadWorld& world) {
    expect(inside_.fetch_add(1) < most_, "too many are inside");
    world.point("inside");
    inside_.fetch_sub(1);
    visits_.fetch_add(1);
  }
  int visits() const { return visits_.load(); }

 private:
  int most_;
  std::atomic<int> inside_{0};
  std::atomic<int> visits_{0};
};

}  // namespace

TEST_CASE("schedules: Lock: one holds it, and whoever gives up its wait holds nothing") {
  schedules("lock", 1500, [](ThreadWorld& world) {
    Lock lock;
    Room room(1);
    std::atomic<int> late{0};
    {
      Together threads;
      for (int i = 0; i < 2; ++i) {
        threads.add([&] {
          for (int k = 0; k < 2; ++k) {
            std::lock_guard held(lock);
            room.enter(world);
          }
        });
      }
      threads.add([&] {
        if (!lock.acquire(1ms)) return void(late.fetch_add(1));
        room.enter(world);
        lock.release();
      });
    }
    expect_equal(room.visits() + late.load(), 5);
    expect(lock.acquire(false), "it is free in the end");
    lock.release();
  });
}

TEST_CASE("schedules: RLock: only its owner enters again, and the last release frees it") {
  schedules("rlock", 1000, [](ThreadWorld& world) {
    RLock lock;
    Room room(1);
    Together threads;
    for (int i = 0; i < 3; ++i) {
      threads.add([&, i] {
        if (i == 2 && !lock.acquire(true, 1ms)) return;
        if (i != 2) lock.acquire();
        lock.acquire();
        lock.release();
        room.enter(world);
        lock.release();
      });
    }
    threads.join();
    expect(room.visits() >= 2, "those that wait without limit get in");
    expect(lock.acquire(false), "it is free in the end");
    lock.release();
  });
}

TEST_CASE("schedules: Semaphore: never more inside than permits; none is lost to a timeout") {
  schedules("semaphore", 1500, [](ThreadWorld& world) {
    Semaphore permits(2);
    Room room(2);
    {
      Together threads;
      for (int i = 0; i < 4; ++i) {
        threads.add([&, i] {
          if (i % 2 == 0) {
            permits.acquire();
          } else if (!permits.acquire(true, 1ms)) {
            return;
          }
          room.enter(world);
          permits.release();
        });
      }
    }
    expect(permits.acquire(false) && permits.acquire(false), "both permits are there in the end");
    expect(!permits.acquire(false), "and no third");
  });
}

TEST_CASE("schedules: Semaphore: who takes the permit of a release may destroy the semaphore") {
  schedules("semaphore_dies", 1000, [](ThreadWorld&) {
    auto permits = std::make_unique<Semaphore>(0);
    Thread other([&permit = *permits] { permit.release(); });
    other.start();
    permits->acquire();
    permits.reset();
    other.join();
  });
}

TEST_CASE("schedules: Event: a set() reaches those that wait, also when clear() follows at once") {
  schedules("event", 1500, [](ThreadWorld&) {
    Event ready;
    Event event;
    std::atomic<int> waiting{0};
    Together threads;
    for (int i = 0; i < 2; ++i) {
      threads.add([&] {
        if (waiting.fetch_add(1) == 1) ready.set();
        // A set() and clear() that both come before this wait are none of its business.
        while (!event.wait(1ms)) {
        }
      });
    }
    ready.wait();
    event.set();
    event.clear();
    event.set();
  });
}

TEST_CASE(
    "schedules: Condition: a bounded buffer loses nothing, with waits that give up among them") {
  schedules("condition", 1500, [](ThreadWorld&) {
    Condition changed;
    std::deque<int> buffer;
    std::atomic<int> taken{0};
    {
      Together threads;
      threads.add([&] {
        for (int i = 0; i < 4; ++i) {
          std::lock_guard held(changed);
          changed.wait_for([&] { return buffer.size() < 2; });
          buffer.push_back(i);
          changed.notify_all();
        }
      });
      for (int i = 0; i < 2; ++i) {
        threads.add([&, i] {
          for (int k = 0; k < 2;) {
            std::lock_guard held(changed);
            if (i == 0) {
              changed.wait_for([&] { return !buffer.empty(); });
            } else if (!changed.wait_for([&] { return !buffer.empty(); }, 1ms)) {
              continue;
            }
            buffer.pop_front();
            taken.fetch_add(1);
            changed.notify_all();
            ++k;
          }
        });
      }
    }
    expect_equal(taken.load(), 4);
    expect(buffer.empty(), "nothing is left");
  });
}

TEST_CASE("schedules: Condition: notify(1) goes to one that waits, not to one whose time is up") {
  schedules("condition_notify", 2000, [](ThreadWorld&) {
    Condition condition;
    int tokens = 0;
    int waiting = 0;
    int left = 0;
    Together threads;
    for (int i = 0; i < 2; ++i) {
      threads.add([&, i] {
        std::lock_guard held(condition);
        ++waiting;
        while (tokens == 0) {
          if (i == 1) {
            condition.wait();
          } else if (!condition.wait(1ms) && tokens == 0) {
            break;
          }
        }
        if (tokens > 0) --tokens;
        --waiting;
        ++left;
      });
    }
    // One token for each that waits; who waits without limit gets one in the end, or this is stuck.
    std::lock_guard held(condition);
    while (left < 2) {
      if (waiting > tokens) {
        ++tokens;
        condition.notify();
      }
      condition.wait(1ms);
    }
  });
}

TEST_CASE("schedules: Thread: any number may join, with and without limit; all see what it did") {
  schedules("join", 1000, [](ThreadWorld& world) {
    int done = 0;
    Thread worker([&] {
      world.point("works");
      done = 1;
    });
    worker.start();
    Together joiners;
    for (int i = 0; i < 2; ++i) {
      joiners.add([&, i, same = worker]() mutable {
        if (i == 0) {
          same.join();
        } else {
          same.join(1ms);
        }
        if (!same.is_alive()) expect_equal(done, 1);
      });
    }
    worker.join();
    expect(!worker.is_alive(), "it has ended");
    expect_equal(done, 1);
  });
}

TEST_CASE("schedules: Thread: the destructor of a thread_local may ask for its thread's name") {
  struct AsksForName {
    std::string* name = nullptr;
    ~AsksForName() {
      if (name != nullptr) *name = current_thread().name();
    }
  };
  schedules("name_at_end", 300, [](ThreadWorld&) {
    std::string name;
    Thread worker(ThreadOptions().name("worker"), [&] {
      static thread_local AsksForName at_end;
      at_end.name = &name;
    });
    worker.start();
    worker.join();
    expect_equal(name, "worker");
  });
}

TEST_CASE("schedules: local: a value of a thread dies with it, also while the object does not") {
  schedules("local", 500, [](ThreadWorld&) {
    struct Counted {
      std::atomic<int>* alive = nullptr;
      ~Counted() {
        if (alive != nullptr) alive->fetch_sub(1);
      }
    };
    std::atomic<int> alive{0};
    local<Counted> values;
    {
      Together threads;
      for (int i = 0; i < 2; ++i) {
        threads.add([&] {
          alive.fetch_add(1);
          values->alive = &alive;
        });
      }
    }
    expect_equal(alive.load(), 0);
  });
}

TEST_CASE("schedules: Barrier: all meet, in each round; a timeout breaks it for all") {
  schedules("barrier", 1000, [](ThreadWorld&) {
    Barrier barrier(3);
    std::atomic<int> arrived{0};
    std::atomic<int> leaders{0};
    auto meets = [&] {
      for (int round = 1; round <= 2; ++round) {
        arrived.fetch_add(1);
        if (barrier.wait() == 0) leaders.fetch_add(1);
        expect(arrived.load() >= 3 * round, "nobody leaves before all have come");
      }
    };
    {
      Together threads;
      threads.add(meets);
      threads.add(meets);
      meets();
    }
    expect_equal(leaders.load(), 2);
  });
  schedules("barrier_breaks", 1000, [](ThreadWorld&) {
    Barrier barrier(3);
    std::atomic<int> broken{0};
    auto waits = [&] {
      try {
        barrier.wait(1ms);
      } catch (const BrokenBarrierError&) {
        broken.fetch_add(1);
      }
    };
    {
      Together threads;
      threads.add(waits);
      waits();
    }
    expect_equal(broken.load(), 2);
    expect(barrier.broken(), "it stays broken");
  });
}

TEST_CASE("schedules: Timer: runs or was cancelled, never both") {
  schedules("timer", 1000, [](ThreadWorld&) {
    std::atomic<int> ran{0};
    Timer timer(1ms, [&] { ran.fetch_add(1); });
    timer.start();
    timer.cancel();
    timer.join();
    expect(ran.load() <= 1, "at most once");
  });
  schedules("timer_runs", 500, [](ThreadWorld&) {
    std::atomic<int> ran{0};
    Timer timer(1h, [&] { ran.fetch_add(1); });
    timer.start();
    timer.join();
    expect_equal(ran.load(), 1);
  });
}

TEST_CASE("schedules: all there are with two preemptions: Lock, Event, Semaphore") {
  auto all = [](auto body) {
    auto result = heddle::testing::explore_threads(
        body, {.seeds = 2000, .schedule = heddle::testing::Schedule::dfs(2)});
    CHECK(result.complete);
    CHECK(result.schedules > 100);
  };
  all([](ThreadWorld& world) {
    Lock lock;
    Room room(1);
    Together threads;
    for (int i = 0; i < 2; ++i) {
      threads.add([&] {
        std::lock_guard held(lock);
        room.enter(world);
      });
    }
    threads.join();
    expect_equal(room.visits(), 2);
  });
  all([](ThreadWorld&) {
    Event event;
    Together threads;
    for (int i = 0; i < 2; ++i) threads.add([&] { event.wait(); });
    event.set();
  });
  all([](ThreadWorld&) {
    Semaphore permits(0);
    Together threads;
    for (int i = 0; i < 2; ++i) threads.add([&] { permits.acquire(); });
    permits.release(2);
  });
}
