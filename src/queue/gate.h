// Gate: the lock at each end of a queue. What is done inside is a few steps.
#pragma once

#include <atomic>
#include <cstdint>

#include "core/futex.h"
#include "core/one_sided_barrier.h"

namespace heddle::queue::detail {

// Entering is one atomic step. Leaving is none where the kernel makes the barrier for those who
// sleep here (core/one_sided_barrier.h): a write and a read, half of what a passage would cost
// otherwise.
//
//     leaves:  held_ = 0;       barrier;  sleepers_ != 0 ? wake
//     sleeps:  sleepers_ += 1;  barrier;  held_ == 1 ? sleep while it is
//
// With the barriers one of the two sees what the other wrote, so nobody sleeps at a free gate.
class Gate {
 public:
  Gate() noexcept { core::arm_one_sided_barrier(); }

  void enter() noexcept {
    std::uint32_t expected = 0;
    // acquire: what the former one did inside is visible.
    if (!held_.compare_exchange_strong(expected, 1, std::memory_order_acquire,
                                       std::memory_order_relaxed))
      enter_slowly();
  }

  void leave() noexcept {
    if (core::barrier_is_one_sided.load(std::memory_order_relaxed)) [[likely]] {
      // release: what was done inside is visible to the next one.
      held_.store(0, std::memory_order_release);
      core::keep_order();
    } else {
      held_.exchange(0, std::memory_order_seq_cst);
    }
    if (sleepers_.load(std::memory_order_seq_cst) != 0) core::wake(held_, 1);
  }

 private:
  void enter_slowly() noexcept;

  std::atomic<std::uint32_t> held_{0};
  std::atomic<std::uint32_t> sleepers_{0};  // threads that sleep until it is free, or are about to
};

}  // namespace heddle::queue::detail
