#include <heddle/threading/event.h>

#include "core/futex.h"
#include "core/kernel.h"
#include "core/spin.h"

namespace heddle::threading {

using core::Kernel;

// The word holds the flag, a mark that somebody may sleep on it (only while the flag is down), and
// above them how often the flag was raised. A waiter waits for that count to change, so a clear()
// right after the set() does not hold it back. The count comes round after 2^30 raises; a thread
// that sleeps through exactly so many without once being run would go on waiting for the next.
// Orders: set() releases what was done before it, a wait that sees it acquires.

void Event::set() noexcept {
  Kernel::scheduling_point("event.set");
  std::uint32_t word = word_.load(std::memory_order_relaxed);
  std::uint32_t next = 0;
  do {
    // Written also when the flag is up: who sees it sees what each of the setters did before.
    next = (word & up_) != 0 ? word : ((word + one_set_) | up_) & ~waited_for_;
  } while (!word_.compare_exchange_weak(word, next, std::memory_order_release,
                                        std::memory_order_relaxed));
  if ((word & waited_for_) != 0) core::wake_all(word_);
}

void Event::clear() noexcept {
  Kernel::scheduling_point("event.clear");
  // acq_rel: a later wait that reads this value still acquires what the set() before released.
  word_.fetch_and(~up_, std::memory_order_acq_rel);
}

bool Event::wait(Delay timeout) noexcept {
  return wait_until(core::deadline_after(timeout.nanoseconds()));
}

bool Event::wait_until(Nanoseconds deadline) noexcept {
  Kernel::scheduling_point("event.wait");
  std::uint32_t word = word_.load(std::memory_order_acquire);
  if ((word & up_) != 0) return true;
  const std::uint32_t raised = word / one_set_;
  auto passed = [&] {
    word = word_.load(std::memory_order_acquire);
    return (word & up_) != 0 || word / one_set_ != raised;
  };
  // Who only looks leaves no mark: the next set() would go to the kernel for nobody.
  if (deadline != time_max && deadline <= Kernel::monotonic_now()) return false;
  if (core::Spin::of_thread().wait(passed)) return true;
  while (!passed()) {
    if ((word & waited_for_) == 0 &&
        !word_.compare_exchange_weak(word, word | waited_for_, std::memory_order_relaxed))
      continue;
    if (!core::wait_while_equal(word_, word | waited_for_, deadline)) return passed();
  }
  return true;
}

}  // namespace heddle::threading
