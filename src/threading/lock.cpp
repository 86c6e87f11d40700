#include <heddle/core/error.h>
#include <heddle/threading/lock.h>

#include "core/futex.h"
#include "core/kernel.h"
#include "core/spin.h"

namespace heddle::threading {

// The word is free, held, or held with threads that may sleep on it. Only a release that finds the
// last enters the kernel; a thread that has slept takes the lock as waited_for_, since others may
// still sleep.

bool Lock::acquire(bool blocking) noexcept {
  core::Kernel::scheduling_point("lock");
  std::uint32_t expected = free_;
  // acquire: what the former holder did is visible to this one.
  if (state_.compare_exchange_strong(expected, held_, std::memory_order_acquire,
                                     std::memory_order_relaxed))
    return true;
  return blocking && acquire_slowly(time_max);
}

bool Lock::acquire(bool blocking, Delay timeout) {
  using namespace std::chrono_literals;
  Nanoseconds limit = timeout.nanoseconds();
  bool unlimited = limit == Delay(-1s).nanoseconds();
  if (!blocking && !unlimited)
    throw ValueError("can't specify a timeout for a non-blocking call: leave one of them out");
  if (limit < 0 && !unlimited)
    throw ValueError("timeout value must be a non-negative number (or -1 s for no limit)");
  if (acquire(false)) return true;
  return blocking && acquire_slowly(unlimited ? time_max : core::deadline_after(limit));
}

bool Lock::acquire_slowly(Nanoseconds deadline) noexcept {
  // Most critical sections are shorter than going to sleep.
  core::spin_briefly([this] { return state_.load(std::memory_order_relaxed) == free_; });
  while (state_.exchange(waited_for_, std::memory_order_acquire) != free_) {
    if (!core::wait_while_equal(state_, waited_for_, deadline)) return false;
  }
  return true;
}

void Lock::release() {
  // release: what this holder did is visible to the next one.
  std::uint32_t former = state_.exchange(free_, std::memory_order_release);
  if (former == free_) {
    throw RuntimeError("release unlocked lock: each release() needs an acquire() before it");
  }
  if (former == waited_for_) core::wake(state_, 1);
}

void Lock::unlock() noexcept {
  if (state_.exchange(free_, std::memory_order_release) == waited_for_) core::wake(state_, 1);
}

}  // namespace heddle::threading
