#include "queue/gate.h"

namespace heddle::queue::detail {

void Gate::enter_slowly() noexcept {
  // What is done inside is nearly always shorter than going to sleep.
  core::spin_briefly([this] { return (word_.load(std::memory_order_relaxed) & held) == 0; });
  std::uint32_t mine = held;
  std::uint32_t word = word_.load(std::memory_order_relaxed);
  for (;;) {
    if ((word & held) == 0) {
      if (word_.compare_exchange_weak(word, word | mine, std::memory_order_acquire,
                                      std::memory_order_relaxed))
        return;
    } else if ((word & crowded) == 0) {
      word_.compare_exchange_weak(word, word | crowded, std::memory_order_relaxed);
    } else {
      core::wait_while_equal(word_, word, time_max);
      // Others may still sleep, and the bit was taken away when this one was woken.
      mine = held | crowded;
      word = word_.load(std::memory_order_relaxed);
    }
  }
}

// The bit goes first: who sets it from now on is not asleep yet, and will see that the word has
// changed.
void Gate::wake_next() noexcept {
  word_.fetch_and(~crowded, std::memory_order_relaxed);
  core::wake(word_, 1);
}

}  // namespace heddle::queue::detail
