#include "queue/gate.h"

#include "core/spin.h"

namespace heddle::queue::detail {

void Gate::enter_slowly() noexcept {
  constexpr Nanoseconds millisecond = 1'000'000;
  // What is done inside is nearly always shorter than going to sleep.
  core::spin_briefly([this] { return word_.load(std::memory_order_relaxed) == free; });
  std::uint32_t word = free, mine = held;
  // acquire: what the former one did inside is visible.
  while (!word_.compare_exchange_strong(word, mine, std::memory_order_acquire,
                                        std::memory_order_relaxed)) {
    if (word == crowded ||
        word_.compare_exchange_strong(word, crowded, std::memory_order_relaxed)) {
      core::wait_while_equal(word_, crowded, core::deadline_after(millisecond));
      mine = crowded;  // others may still sleep
    }
    word = free;
  }
}

}  // namespace heddle::queue::detail
