// Waiting on an atomic word, with a deadline; std::atomic::wait has none.
#pragma once

#include <heddle/core/clock.h>

#include <atomic>
#include <cstdint>

#include "core/kernel.h"

namespace heddle::core {

// Blocks until `word` differs from `value`, or the monotonic clock reaches `deadline` (time_max:
// never). False at the deadline.
inline bool wait_while_equal(std::atomic<std::uint32_t>& word, std::uint32_t value,
                             Nanoseconds deadline) {
  static_assert(sizeof(word) == sizeof(std::uint32_t));
  // acquire: what the thread that changed the word did before must be visible.
  while (word.load(std::memory_order_acquire) == value) {
    Nanoseconds limit = -1;
    if (deadline != time_max) {
      limit = deadline - Kernel::monotonic_now();
      if (limit <= 0) return false;
    }
    Kernel::futex_wait(reinterpret_cast<std::uint32_t*>(&word), value, limit);
  }
  return true;
}

// Wakes threads that wait for a change of `word`. Call after changing it.
inline void wake(std::atomic<std::uint32_t>& word, int count) noexcept {
  Kernel::futex_wake(reinterpret_cast<std::uint32_t*>(&word), count);
}
inline void wake_all(std::atomic<std::uint32_t>& word) noexcept { wake(word, INT32_MAX); }

// The deadline `limit` from now; now for a negative limit, however long ago that is, so that what
// is left until it can be computed.
inline Nanoseconds deadline_after(Nanoseconds limit) {
  if (limit == time_max) return time_max;
  return saturating_add(Kernel::monotonic_now(), limit > 0 ? limit : 0);
}

}  // namespace heddle::core
