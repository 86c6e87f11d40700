// Gate: the lock at each end of a queue. What is done inside is a few steps.
#pragma once

#include <atomic>
#include <cstdint>

#include "core/futex.h"

namespace heddle::queue::detail {

// One word: free, held, or crowded, which is held while threads sleep until it is free, or are
// about to. Entering is one atomic step. Leaving is none, a read and a write, which is half of what
// a passage would cost otherwise.
//
// For that, one thing has to be made good. If a thread makes the word crowded between the read and
// the write of the one that leaves, it is not woken; and if it is asleep by the time of the write,
// it does not notice either. So who sleeps here looks again after a millisecond at the latest. It
// takes an interruption of the one that leaves between two neighbouring instructions; there is no
// other way to be missed, and nothing but time is lost.
class Gate {
 public:
  void enter() noexcept {
    std::uint32_t expected = free;
    // acquire: what the former one did inside is visible.
    if (!word_.compare_exchange_strong(expected, held, std::memory_order_acquire,
                                       std::memory_order_relaxed))
      enter_slowly();
  }

  void leave() noexcept {
    std::uint32_t former = word_.load(std::memory_order_relaxed);
    // release: what was done inside is visible to the next one.
    word_.store(free, std::memory_order_release);
    if (former == crowded) core::wake(word_, 1);
  }

 private:
  static constexpr std::uint32_t free = 0, held = 1, crowded = 2;

  void enter_slowly() noexcept;

  std::atomic<std::uint32_t> word_{free};
};

}  // namespace heddle::queue::detail
