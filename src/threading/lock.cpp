#include <heddle/core/error.h>
#include <heddle/threading/lock.h>

#include "core/futex.h"
#include "core/kernel.h"
#include "core/spin.h"
#include "threading/timeout.h"

namespace heddle::threading {

using core::Kernel;

// The word is free, held, or held with threads that may sleep on it. Only a release that finds the
// last enters the kernel; a thread that has slept takes the lock as waited_for_, since others may
// still sleep. All orders of the word: acquire where it is taken, so that what the former holder
// did is visible; release where it is given up, for the next one; relaxed where it is only looked
// at.

bool Lock::take_if_free() noexcept {
  std::uint32_t expected = free_;
  return state_.compare_exchange_strong(expected, held_, std::memory_order_acquire,
                                        std::memory_order_relaxed);
}

bool Lock::acquire() noexcept { return acquire(true); }

bool Lock::acquire(bool blocking) noexcept {
  Kernel::scheduling_point("lock.acquire");
  return take_if_free() || (blocking && acquire_slowly(time_max));
}

bool Lock::acquire(bool blocking, Delay timeout) {
  Kernel::scheduling_point("lock.acquire");
  Nanoseconds limit = detail::limit_of(blocking, timeout);
  return take_if_free() || (blocking && acquire_slowly(core::deadline_after(limit)));
}

bool Lock::acquire(Delay timeout) { return acquire(true, timeout); }
void Lock::lock() noexcept { acquire(); }
bool Lock::try_lock() noexcept { return acquire(false); }

bool Lock::try_lock_for(Delay timeout) noexcept {
  Kernel::scheduling_point("lock.acquire");
  return take_if_free() ||
         (timeout.nanoseconds() > 0 && acquire_slowly(core::deadline_after(timeout.nanoseconds())));
}

bool Lock::acquire_slowly(Nanoseconds deadline) noexcept {
  // Most critical sections are shorter than going to sleep.
  core::spin_briefly([this] { return state_.load(std::memory_order_relaxed) == free_; });
  while (state_.exchange(waited_for_, std::memory_order_acquire) != free_) {
    if (!core::wait_while_equal(state_, waited_for_, deadline)) return false;
  }
  return true;
}

// The scheduling point comes after: nobody holds a lock of the library while it stands at one.

void Lock::release() {
  std::uint32_t former = state_.exchange(free_, std::memory_order_release);
  if (former == waited_for_) core::wake(state_, 1);
  Kernel::scheduling_point("lock.release");
  if (former == free_) {
    throw RuntimeError("release unlocked lock: each release() needs an acquire() before it");
  }
}

void Lock::unlock() noexcept {
  if (state_.exchange(free_, std::memory_order_release) == waited_for_) core::wake(state_, 1);
}

}  // namespace heddle::threading
