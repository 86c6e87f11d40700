// Lock: at most one thread holds it.
//
//     threading::Lock lock;
//     {
//       threading::LockGuard held(lock);   // or std::scoped_lock, std::unique_lock
//       ...
//     }
//
// Not recursive, and without an owner: any thread may release it. Unfair: a thread that comes may
// overtake one that waits. One word of memory; a futex is used only when there is somebody to wait
// for. Constant-initialised and trivially destroyed, so it may live for the whole program. Clang's
// -Wthread-safety knows it as a capability. Thread-safe.
// Source: https://docs.python.org/3/library/threading.html#lock-objects
#pragma once

#include <heddle/core/compiler.h>
#include <heddle/core/delay.h>

#include <atomic>
#include <cstdint>

namespace heddle::threading {

// The longest timeout that the waits of this module take; a Delay stops there.
inline constexpr std::chrono::nanoseconds TIMEOUT_MAX = std::chrono::nanoseconds::max();

class [[clang::capability("mutex")]] Lock {
 public:
  constexpr Lock() noexcept = default;
  Lock(const Lock&) = delete;  // waiting threads point at it
  Lock& operator=(const Lock&) = delete;

  // Waits for the lock and takes it: true.
  [[clang::acquire_capability()]] bool acquire() noexcept;
  // As acquire(); with blocking false it does not wait: false when somebody holds it.
  [[clang::try_acquire_capability(true)]] bool acquire(bool blocking) noexcept;
  // As acquire(), for at most `timeout`: false when it passed. As in Python, a timeout of exactly
  // -1 s means without limit; any other negative one is a ValueError, and so is a timeout together
  // with blocking false.
  [[clang::try_acquire_capability(true)]] bool acquire(bool blocking, Delay timeout);
  [[clang::try_acquire_capability(true)]] bool acquire(Delay timeout);

  // Gives it up; one waiting thread may take it then. Throws RuntimeError "release unlocked lock".
  [[clang::release_capability()]] void release();

  // Whether somebody holds it, at this moment.
  bool locked() const noexcept { return state_.load(std::memory_order_relaxed) != free_; }

  // The names of the standard's Lockable and TimedLockable, for std::lock_guard and its kin.
  // REQUIRES of unlock(): the lock is held.
  [[clang::acquire_capability()]] void lock() noexcept;
  [[clang::try_acquire_capability(true)]] bool try_lock() noexcept;
  [[clang::release_capability()]] void unlock() noexcept;
  // True when it was taken in time. A time that has passed: as try_lock().
  [[clang::try_acquire_capability(true)]] bool try_lock_for(Delay timeout) noexcept;
  template <class PointClock, class Duration>
  [[clang::try_acquire_capability(true)]] bool try_lock_until(
      std::chrono::time_point<PointClock, Duration> point) {
    return try_lock_for(Delay::until(point));
  }

 private:
  static constexpr std::uint32_t free_ = 0, held_ = 1, waited_for_ = 2;

  bool take_if_free() noexcept;
  bool acquire_slowly(Nanoseconds deadline) noexcept;

  std::atomic<std::uint32_t> state_{free_};
};

}  // namespace heddle::threading
