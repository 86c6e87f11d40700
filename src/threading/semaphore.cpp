#include <heddle/core/error.h>
#include <heddle/threading/semaphore.h>

#include <mutex>

#include "core/futex.h"
#include "core/kernel.h"
#include "core/spin.h"

namespace heddle::threading {

using core::Kernel;

// word_ holds the permits and the mark "threads may stand in line" together, so that a release
// cannot miss a waiter: either it finds the mark, or the waiter that sets it finds the permit.
// While the mark is there, the word changes under the lock of the line only: for takers too, so
// that who takes the permit of a release() may destroy the semaphore at once; that release() has
// done with it. Orders: acquire where a permit is taken, release where it is added; relaxed under
// the lock, which orders.

namespace {

constexpr std::int64_t waited_for = 1, permit = 2;
constexpr Nanoseconds no_wait = INT64_MIN;

// What `n` permits more would make of the word. Throws ValueError above `most`.
std::int64_t sum(std::int64_t word, std::int64_t n, std::int64_t most) {
  if (n > most || word / permit > most - n) throw ValueError("Semaphore released too many times");
  return word + n * permit;
}

}  // namespace

Semaphore::Semaphore(std::int64_t value) : word_(0) {
  if (value < 0 || value > max()) throw ValueError("semaphore initial value must be >= 0");
  word_.store(value * permit, std::memory_order_relaxed);  // no other thread knows it yet
}

bool Semaphore::take() noexcept {
  std::int64_t word = word_.load(std::memory_order_relaxed);
  while (word >= permit && (word & waited_for) == 0) {
    if (word_.compare_exchange_weak(word, word - permit, std::memory_order_acquire,
                                    std::memory_order_relaxed))
      return true;
  }
  return false;
}

bool Semaphore::acquire(bool blocking) noexcept {
  Kernel::scheduling_point("semaphore.acquire");
  return take() || acquire_slowly(blocking ? time_max : no_wait);
}

bool Semaphore::acquire(bool blocking, Delay timeout) {
  Kernel::scheduling_point("semaphore.acquire");
  if (!blocking) {
    throw ValueError("can't specify timeout for non-blocking acquire: leave one of them out");
  }
  if (take()) return true;
  Nanoseconds limit = timeout.nanoseconds();
  return acquire_slowly(limit > 0 ? core::deadline_after(limit) : no_wait);
}

bool Semaphore::acquire_slowly(Nanoseconds deadline) noexcept {
  core::spin_briefly([this] { return word_.load(std::memory_order_relaxed) >= permit; });
  WaitQueue::Waiter me;
  bool again = false;
  while (true) {
    {
      std::lock_guard held(waiters_);
      // One step, since without the mark others change the word too.
      std::int64_t word = word_.load(std::memory_order_relaxed);
      std::int64_t next = 0;
      do {
        if (word < permit && deadline == no_wait) return false;
        next = word >= permit ? word - permit : word | waited_for;
      } while (!word_.compare_exchange_weak(word, next, std::memory_order_acquire,
                                            std::memory_order_relaxed));
      if (word >= permit) return true;
      // Who was woken for a permit that another thread snatched stays first.
      again ? waiters_.push_front(me) : waiters_.push_back(me);
    }
    if (waiters_.wait_until(me, deadline) == 0) return false;
    again = true;
  }
}

void Semaphore::add(std::int64_t n, std::int64_t most) {
  Kernel::scheduling_point("semaphore.release");
  if (n < 1) throw ValueError("n must be one or more");
  std::int64_t word = word_.load(std::memory_order_relaxed);
  while ((word & waited_for) == 0) {
    if (word_.compare_exchange_weak(word, sum(word, n, most), std::memory_order_release,
                                    std::memory_order_relaxed))
      return;
  }
  add_slowly(n, most);
}

void Semaphore::add_slowly(std::int64_t n, std::int64_t most) {
  WaitQueue::Woken woken;
  std::lock_guard held(waiters_);
  waiters_.take(woken, static_cast<std::size_t>(n));
  std::int64_t word = word_.load(std::memory_order_relaxed);
  std::int64_t next = 0;
  do {
    next = sum(word, n, most) & (waiters_.empty() ? ~waited_for : ~0LL);
  } while (!word_.compare_exchange_weak(word, next, std::memory_order_release,
                                        std::memory_order_relaxed));
}

}  // namespace heddle::threading
