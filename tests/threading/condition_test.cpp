#include <heddle/core/error.h>
#include <heddle/threading/condition.h>
#include <heddle/threading/lock.h>

#include <mutex>
#include <optional>
#include <queue>

#include "threading/stress.h"

namespace threading = heddle::threading;
using namespace std::chrono_literals;
using threading::Condition;
using threading::LockGuard;
using threading::Thread;

static_assert(std::is_trivially_destructible_v<Condition>);

TEST_CASE("Condition: wait() and notify() need the lock") {
  threading::Lock lock;
  threading::RLock rlock;
  Condition own, on_lock(lock), on_rlock(rlock);
  for (Condition* condition : {&own, &on_lock, &on_rlock}) {
    CHECK(threading::text_of<heddle::RuntimeError>([&] {
            condition->wait();
          }).starts_with("cannot wait on un-acquired lock"));
    CHECK(threading::text_of<heddle::RuntimeError>([&] {
            condition->notify();
          }).starts_with("cannot notify on un-acquired lock"));
    CHECK(threading::text_of<heddle::RuntimeError>([&] {
            condition->notify_all();
          }).starts_with("cannot notify on un-acquired lock"));
    LockGuard held(*condition);
    CHECK_FALSE(condition->wait(1ms));
    CHECK_FALSE(condition->wait(-1s));
    condition->notify();
  }
  CHECK_FALSE(lock.locked());
}

TEST_CASE("Condition: wait() releases an RLock at any depth and takes it back as deep") {
  Condition condition;
  bool ready = false;
  condition.acquire();
  condition.acquire();
  condition.acquire(1ms);
  Thread other([&] {
    LockGuard held(condition);
    ready = true;
    condition.notify();
  });
  other.start();
  while (!ready) CHECK(condition.wait());
  condition.release();
  condition.release();
  CHECK(condition.locked());
  condition.release();
  CHECK_FALSE(condition.locked());
  other.join();
}

TEST_CASE("Condition: wait_for() returns the last value of the predicate") {
  Condition condition;
  LockGuard held(condition);
  CHECK(condition.wait_for([] { return std::optional<int>(7); }) == 7);
  int asked = 0;
  CHECK(condition.wait_for([&] { return ++asked, 0; }, 1ms) == 0);
  CHECK(asked == 2);
}

TEST_CASE("Condition: waiters are woken in the order in which they came") {
  threading::Lock lock;
  Condition condition(lock);
  std::vector<unsigned> order;
  std::vector<Thread> threads;
  unsigned waiting = 0;
  for (unsigned i = 0; i < 6; ++i) {
    threads.emplace_back([&, i] {
      LockGuard held(condition);
      ++waiting;
      condition.wait();
      order.push_back(i);
    });
    threads.back().start();
    // Once it has counted itself and given up the lock, it waits.
    condition.acquire();
    while (waiting == i) {
      condition.release();
      condition.acquire();
    }
    condition.release();
  }
  for (std::size_t n = 1; n <= 6; ++n) {
    condition.acquire();
    condition.notify();
    while (order.size() < n) {
      condition.release();
      condition.acquire();
    }
    condition.release();
  }
  for (auto& thread : threads) thread.join();
  CHECK(order == std::vector<unsigned>{0, 1, 2, 3, 4, 5});
}

TEST_CASE("Condition: notify(n) wakes n, notify_all() the rest; two conditions share a lock") {
  threading::Lock lock;
  Condition here(lock), there(lock);
  int waiting = 0, woken = 0;
  std::vector<Thread> threads;
  for (int i = 0; i < 5; ++i) {
    threads.emplace_back([&] {
      LockGuard held(here);
      ++waiting;
      there.notify();
      here.wait();
      ++woken;
      there.notify();
    });
    threads.back().start();
  }
  LockGuard held(there);
  there.wait_for([&] { return waiting == 5; });
  here.notify(2);
  there.wait_for([&] { return woken == 2; });
  CHECK_FALSE(there.wait_for([&] { return woken > 2; }, 2ms));
  here.notify_all();
  there.wait_for([&] { return woken == 5; });
  lock.unlock();
  for (auto& thread : threads) thread.join();
  lock.lock();
}

TEST_CASE("Condition: producers and consumers lose no item, timeouts at random") {
  threading::for_thread_counts([](unsigned count) {
    threading::Lock lock;
    Condition not_empty(lock), not_full(lock);
    std::queue<long> items;
    std::atomic<long> in{0}, out{0};
    const long each = 1'500;
    threading::run_threads(count, [&](unsigned index, auto& random) {
      for (long n = 0; n < each; ++n) {
        std::unique_lock held(lock);
        if (index % 2 == 0) {
          while (items.size() >= 4) not_full.wait(threading::random_timeout(random));
          items.push(n);
          in += n;
          not_empty.notify();
        } else {
          not_empty.wait_for([&] { return !items.empty(); });
          out += items.front();
          items.pop();
          not_full.notify();
        }
      }
    });
    CHECK(in == out);
    CHECK(items.empty());
  });
}

TEST_CASE("Condition: a timeout in the distant past is over at once") {
  Condition condition;
  LockGuard held(condition);
  CHECK(!condition.wait(std::chrono::nanoseconds::min()));
  CHECK(!condition.wait_for([] { return false; }, std::chrono::hours::min()));
}
