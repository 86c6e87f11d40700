#include <heddle/core/error.h>
#include <heddle/threading/semaphore.h>

#include <memory>

#include "threading/stress.h"

namespace threading = heddle::threading;
using namespace std::chrono_literals;
using threading::BoundedSemaphore;
using threading::Semaphore;

static_assert(std::is_trivially_destructible_v<Semaphore>);

TEST_CASE("Semaphore: counts its permits") {
  Semaphore semaphore(2);
  CHECK(semaphore.acquire());
  CHECK(semaphore.try_acquire());
  CHECK_FALSE(semaphore.acquire(false));
  CHECK_FALSE(semaphore.acquire(1ms));
  CHECK_FALSE(semaphore.acquire(-1s));
  CHECK_FALSE(semaphore.try_acquire_for(1ms));
  CHECK_FALSE(semaphore.try_acquire_until(std::chrono::steady_clock::now()));
  semaphore.release(2);
  CHECK(semaphore.value() == 2);
  CHECK(semaphore.try_acquire_for(1ms));
  CHECK(semaphore.acquire(false));
  CHECK_FALSE(semaphore.acquire(false));
}

TEST_CASE("Semaphore: wrong numbers are named") {
  CHECK_THROWS_AS(Semaphore(-1), heddle::ValueError);
  Semaphore semaphore(0);
  CHECK(threading::text_of<heddle::ValueError>([&] { semaphore.release(0); }) ==
        "n must be one or more");
  CHECK_THROWS_AS(semaphore.acquire(false, 1s), heddle::ValueError);
  BoundedSemaphore bounded(2);
  bounded.acquire();
  CHECK(threading::text_of<heddle::ValueError>([&] { bounded.release(2); }) ==
        "Semaphore released too many times");
  bounded.release();
  CHECK_THROWS_AS(bounded.release(), heddle::ValueError);
  CHECK(bounded.value() == 2);
}

TEST_CASE("Semaphore: release(n) lets n waiters through") {
  Semaphore semaphore(0), passed(0);
  std::vector<threading::Thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] {
      semaphore.acquire();
      passed.release();
    });
    threads.back().start();
  }
  semaphore.release(2);
  passed.acquire();
  passed.acquire();
  CHECK_FALSE(passed.acquire(2ms));
  semaphore.release();
  for (auto& thread : threads) thread.join();
  CHECK(passed.value() == 1);
}

TEST_CASE("Semaphore: who was let through may destroy it at once") {
  for (int i = 0; i < 500; ++i) {
    auto semaphore = std::make_unique<Semaphore>(0);
    threading::Thread releaser([raw = semaphore.get()] { raw->release(); });
    releaser.start();
    while (!semaphore->acquire(5us)) {
    }
    semaphore.reset();
    releaser.join();
  }
}

TEST_CASE("Semaphore: never more inside than permits, none lost, timeouts at random") {
  threading::for_thread_counts([](unsigned count) {
    const long permits = 1 + count / 4;
    BoundedSemaphore semaphore(permits);
    std::atomic<long> inside{0};
    std::atomic<bool> too_many{false};
    threading::run_threads(count, [&](unsigned, auto& random) {
      for (int n = 0; n < 10'000; ++n) {
        switch (random() % 4) {
          case 0:
            if (!semaphore.acquire(threading::random_timeout(random))) continue;
            break;
          case 1:
            if (!semaphore.acquire(false)) continue;
            break;
          default:
            semaphore.acquire();
        }
        if (++inside > permits) too_many = true;
        --inside;
        semaphore.release();
      }
    });
    CHECK_FALSE(too_many);
    CHECK(semaphore.value() == permits);
  });
}
