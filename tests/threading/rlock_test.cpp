#include <heddle/core/error.h>
#include <heddle/threading/rlock.h>

#include <mutex>

#include "threading/stress.h"

namespace threading = heddle::threading;
using namespace std::chrono_literals;

// What the call returns on another thread.
template <class F>
static auto elsewhere(F call) {
  decltype(call()) result{};
  threading::Thread thread([&] { result = call(); });
  thread.start();
  thread.join();
  return result;
}

TEST_CASE("RLock: its owner takes it again, and has to release it as often") {
  threading::RLock lock;
  CHECK(lock.acquire());
  CHECK(lock.acquire(false));
  CHECK(lock.acquire(1ms));
  CHECK(lock.is_owned());
  lock.release();
  lock.release();
  CHECK(lock.locked());
  CHECK_FALSE(elsewhere([&] { return lock.is_owned(); }));
  CHECK_FALSE(elsewhere([&] { return lock.acquire(false); }));
  CHECK_FALSE(elsewhere([&] { return lock.acquire(1ms); }));
  lock.release();
  CHECK_FALSE(lock.locked());
  CHECK(elsewhere([&] {
    std::scoped_lock held(lock);
    return true;
  }));
}

TEST_CASE("RLock: only the owner releases it") {
  threading::RLock lock;
  auto release = [&] { return threading::text_of<heddle::RuntimeError>([&] { lock.release(); }); };
  CHECK(release().starts_with("cannot release un-acquired lock"));
  lock.acquire();
  CHECK(elsewhere(release).starts_with("cannot release un-acquired lock"));
  CHECK(lock.locked());
  lock.release();
}

TEST_CASE("RLock: wrong timeouts are named, also for the owner") {
  threading::RLock lock;
  std::unique_lock held(lock, 1ms);
  CHECK(held.owns_lock());
  CHECK_THROWS_AS(lock.acquire(true, -2s), heddle::ValueError);
  CHECK_THROWS_AS(lock.acquire(false, 1s), heddle::ValueError);
  CHECK(lock.try_lock_until(std::chrono::steady_clock::now()));
  lock.unlock();
}

TEST_CASE("RLock: a thread that got the address of one that ended does not own its lock") {
  threading::RLock lock;
  for (int i = 0; i < 3; ++i) {
    elsewhere([&] {
      // The first of them ends as the owner.
      return lock.acquire(false);
    });
    CHECK_FALSE(elsewhere([&] { return lock.is_owned(); }));
  }
}

TEST_CASE("RLock: one thread at a time at any depth, timeouts at random") {
  threading::for_thread_counts([](unsigned count) {
    threading::RLock lock;
    long shared = 0;
    std::atomic<long> taken{0};
    threading::run_threads(count, [&](unsigned, auto& random) {
      for (int n = 0; n < 2'000; ++n) {
        if (random() % 3 == 0) {
          if (!lock.acquire(threading::random_timeout(random))) continue;
        } else {
          lock.acquire();
        }
        unsigned depth = random() % 3;
        for (unsigned i = 0; i < depth; ++i) lock.acquire();
        ++shared;
        for (unsigned i = 0; i < depth; ++i) lock.release();
        lock.release();
        ++taken;
      }
    });
    CHECK(shared == taken);
    CHECK_FALSE(lock.locked());
  });
}
