#include "queue/gate.h"

#include "core/spin.h"

namespace heddle::queue::detail {

void Gate::enter_slowly() noexcept {
  auto taken = [this] {
    std::uint32_t expected = 0;
    return held_.compare_exchange_strong(expected, 1, std::memory_order_seq_cst,
                                         std::memory_order_relaxed);
  };
  // What is done inside is nearly always shorter than going to sleep.
  core::spin_briefly([this] { return held_.load(std::memory_order_relaxed) == 0; });
  if (taken()) return;
  sleepers_.fetch_add(1, std::memory_order_seq_cst);
  core::barrier_for_all();
  while (!taken()) core::wait_while_equal(held_, 1, time_max);
  // relaxed: who leaves and reads the former number makes a call that wakes nobody, or another
  // sleeper, who finds the gate held and sleeps again.
  sleepers_.fetch_sub(1, std::memory_order_relaxed);
}

}  // namespace heddle::queue::detail
