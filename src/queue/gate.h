// Gate: a lock whose release tells who is to be woken.
#pragma once

#include <atomic>
#include <cstdint>

#include "core/futex.h"
#include "core/spin.h"

namespace heddle::queue::detail {

// One word:
//
//     bit 0      held
//     bit 1      crowded: threads sleep in pass(), or are about to
//     the rest   alarms, set by anybody at any time, handed to who leaves
//
// Entering and leaving are one step each on this one word. That is why no alarm is missed: arm()
// comes before the step of a thread that leaves, which then sees the alarm, or after it, and then
// whoever arms sees all that this thread did inside. The order of other words plays no part.
class Gate {
 public:
  static constexpr std::uint32_t first_alarm = 4;

  void enter() noexcept {
    std::uint32_t expected = 0;
    // acquire: what the former one did inside is visible.
    if (!word_.compare_exchange_strong(expected, held, std::memory_order_acquire,
                                       std::memory_order_relaxed))
      enter_slowly();
  }

  // Gives it up, keeping the alarms. True when `alarm` was armed: then disarm() and wake.
  bool leave(std::uint32_t alarm) noexcept {
    // release: what was done inside is visible to the next one, and to who arms from now on.
    std::uint32_t former = word_.fetch_sub(held, std::memory_order_release);
    if (former == held) [[likely]]
      return false;
    if (former & crowded) wake_next();
    return (former & alarm) != 0;
  }

  // Sets an alarm. Look again afterwards. acquire: what those did who have left before is visible.
  void arm(std::uint32_t alarm) noexcept { word_.fetch_or(alarm, std::memory_order_acquire); }
  // relaxed: the bit stands for nothing else.
  void disarm(std::uint32_t alarm) noexcept { word_.fetch_and(~alarm, std::memory_order_relaxed); }

 private:
  static constexpr std::uint32_t held = 1, crowded = 2;

  void enter_slowly() noexcept;
  void wake_next() noexcept;

  std::atomic<std::uint32_t> word_{0};
};

}  // namespace heddle::queue::detail
