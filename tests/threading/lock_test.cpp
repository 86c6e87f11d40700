#include <heddle/core/error.h>
#include <heddle/threading/lock.h>

#include <mutex>

#include "threading/stress.h"

namespace threading = heddle::threading;
using namespace std::chrono_literals;

TEST_CASE("Lock: acquire() takes it, release() frees it, from any thread") {
  threading::Lock lock;
  CHECK(lock.acquire());
  CHECK(lock.locked());
  CHECK_FALSE(lock.acquire(false));
  threading::Thread other([&] { lock.release(); });
  other.start();
  other.join();
  CHECK_FALSE(lock.locked());
}

TEST_CASE("Lock: wrong use is named") {
  threading::Lock lock;
  CHECK(threading::text_of<heddle::RuntimeError>([&] {
          lock.release();
        }).starts_with("release unlocked lock"));
  CHECK_THROWS_AS(lock.acquire(true, -2s), heddle::ValueError);
  CHECK_THROWS_AS(lock.acquire(false, 1s), heddle::ValueError);
  CHECK(lock.acquire(true, -1s));
}

TEST_CASE("Lock: acquire() with a timeout gives up") {
  threading::Lock lock;
  std::lock_guard held(lock);
  CHECK_FALSE(lock.acquire(1ms));
  CHECK_FALSE(lock.acquire(0s));
}

TEST_CASE("Lock: TIMEOUT_MAX is a timeout like any other") {
  threading::Lock lock;
  CHECK(lock.acquire(threading::TIMEOUT_MAX));
}

TEST_CASE("Lock: a Lockable and a TimedLockable of the standard") {
  threading::Lock a, b;
  {
    std::scoped_lock both(a, b);
    CHECK(a.locked());
    CHECK(b.locked());
  }
  std::unique_lock held(a, 1ms);
  CHECK(held.owns_lock());
  CHECK_FALSE(a.try_lock());
  CHECK_FALSE(a.try_lock_for(-1s));
  CHECK_FALSE(a.try_lock_until(std::chrono::steady_clock::now() + 1ms));
  CHECK(b.try_lock_until(std::chrono::system_clock::now() - 1s));
  b.unlock();
}

TEST_CASE("Lock: one thread at a time, timeouts at random") {
  threading::for_thread_counts([](unsigned count) {
    threading::Lock lock;
    long shared = 0;
    std::atomic<long> taken{0};
    threading::run_threads(count, [&](unsigned, auto& random) {
      for (int n = 0; n < 4'000; ++n) {
        switch (random() % 4) {
          case 0:
            if (!lock.acquire(threading::random_timeout(random))) continue;
            break;
          case 1:
            if (!lock.acquire(false)) continue;
            break;
          default:
            lock.acquire();
        }
        ++shared;
        lock.release();
        ++taken;
      }
    });
    CHECK(shared == taken);
    CHECK_FALSE(lock.locked());
  });
}
