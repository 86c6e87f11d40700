#include <doctest/doctest.h>
#include <heddle/threading/condition.h>
#include <heddle/threading/lock.h>
#include <heddle/threading/lock_guard.h>

namespace threading = heddle::threading;

TEST_CASE("LockGuard: holds any lock until the end of its scope") {
  threading::Lock lock;
  threading::RLock rlock;
  threading::Condition condition;
  {
    threading::LockGuard a(lock);
    threading::LockGuard b(rlock);
    threading::LockGuard c(condition);
    CHECK(lock.locked());
    CHECK(rlock.locked());
    CHECK(condition.locked());
  }
  CHECK_FALSE(lock.locked());
  CHECK_FALSE(rlock.locked());
  CHECK_FALSE(condition.locked());
}
