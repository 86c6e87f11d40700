// Lock: at most one thread holds it.
//
//     threading::Lock lock;
//     {
//       std::lock_guard held(lock);   // or std::scoped_lock, std::unique_lock
//       ...
//     }
//
// Not recursive, and without an owner: any thread may release it. Unfair: a thread that comes may
// overtake one that waits. One word of memory; a futex is used only when there is somebody to wait
// for. Constant-initialised and trivially destroyed, so it may live for the whole program.
// Thread-safe. Source: https://docs.python.org/3/library/threading.html#lock-objects
#pragma once

#include <heddle/core/delay.h>

#include <atomic>
#include <cstdint>

namespace heddle::threading {

class Lock {
 public:
  constexpr Lock() noexcept = default;
  Lock(const Lock&) = delete;  // waiting threads point at it
  Lock& operator=(const Lock&) = delete;

  // Waits for the lock and takes it: true. With blocking false it does not wait: false when
  // somebody holds it.
  bool acquire(bool blocking = true) noexcept;
  // As acquire(), for at most `timeout`: false when it passed. As in Python, a timeout of exactly
  // -1 s means without limit; any other negative one is a ValueError, and so is a timeout together
  // with blocking false.
  bool acquire(bool blocking, Delay timeout);
  bool acquire(Delay timeout) { return acquire(true, timeout); }

  // Gives it up; one waiting thread may take it then. Throws RuntimeError "release unlocked lock".
  void release();

  // Whether somebody holds it, at this moment.
  bool locked() const noexcept { return state_.load(std::memory_order_relaxed) != free_; }

  // The names of the standard's Lockable, for std::lock_guard and its kin. REQUIRES of unlock():
  // the lock is held.
  void lock() noexcept { acquire(); }
  bool try_lock() noexcept { return acquire(false); }
  void unlock() noexcept;

 private:
  static constexpr std::uint32_t free_ = 0, held_ = 1, waited_for_ = 2;

  bool acquire_slowly(Nanoseconds deadline) noexcept;

  std::atomic<std::uint32_t> state_{free_};
};

}  // namespace heddle::threading
