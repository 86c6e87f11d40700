// RLock: a lock that its owner may take again.
//
//     threading::RLock lock;
//     std::scoped_lock outer(lock);
//     std::scoped_lock inner(lock);   // the same thread: no deadlock
//
// Belongs to the thread that took it, which has to release it as often. Two words; constant-
// initialised and trivially destroyed. Not known to -Wthread-safety, whose rules forbid recursion.
// Thread-safe. Source: https://docs.python.org/3/library/threading.html#rlock-objects
#pragma once

#include <heddle/threading/lock.h>

namespace heddle::threading {

class RLock {
 public:
  constexpr RLock() noexcept = default;
  RLock(const RLock&) = delete;  // waiting threads point at it
  RLock& operator=(const RLock&) = delete;

  // Takes it, once more if this thread has it already: true. With blocking false: false when
  // another thread holds it.
  bool acquire(bool blocking = true) noexcept;
  // As acquire(), for at most `timeout`: false when it passed. Exactly -1 s: without limit; another
  // negative timeout, or one together with blocking false: ValueError.
  bool acquire(bool blocking, Delay timeout);
  bool acquire(Delay timeout) { return acquire(true, timeout); }

  // Undoes one acquire(). Throws RuntimeError "cannot release un-acquired lock" when the calling
  // thread is not the owner.
  void release();

  // Whether some thread holds it, at this moment.
  bool locked() const noexcept { return lock_.locked(); }
  // Whether the calling thread holds it.
  bool is_owned() const noexcept;

  // The names of the standard's Lockable and TimedLockable. REQUIRES of unlock(): the calling
  // thread holds it.
  void lock() noexcept { acquire(); }
  bool try_lock() noexcept { return acquire(false); }
  void unlock() noexcept;
  bool try_lock_for(Delay timeout) noexcept;
  template <class PointClock, class Duration>
  bool try_lock_until(std::chrono::time_point<PointClock, Duration> point) {
    return try_lock_for(Delay::until(point));
  }

 private:
  friend class Condition;

  bool enter_again() noexcept;
  bool own(bool taken) noexcept;
  std::uint32_t release_all() noexcept;  // returns the depth, for restore()
  void restore(std::uint32_t depth) noexcept;

  Lock lock_;
  std::uint32_t depth_ = 0;  // touched by the owner only
  std::atomic<std::uint64_t> owner_{0};
};

}  // namespace heddle::threading
