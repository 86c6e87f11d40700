#include <doctest/doctest.h>
#include <heddle/threading/lock.h>
#include <heddle/threading/thread.h>

#include <mutex>
#include <vector>

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
  CHECK_THROWS_AS(lock.release(), heddle::RuntimeError);
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

TEST_CASE("Lock: one thread at a time") {
  threading::Lock lock;
  int count = 0;
  std::vector<threading::Thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 20'000; ++n) {
        std::scoped_lock held(lock);
        ++count;
      }
    });
    threads.back().start();
  }
  for (auto& thread : threads) thread.join();
  CHECK(count == 80'000);
}
