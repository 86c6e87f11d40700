// Clock: where a loop and the waits of a program get their time from.
//
// Time is a parameter: programs run on the monotonic clock of the system, tests on a virtual one
// that jumps to the next deadline when nothing is ready (testing/virtual_clock.h).
#pragma once

#include <cstdint>

namespace heddle {

// Nanoseconds since an arbitrary start, never going back. Not affected by changes of the wall
// clock.
using Nanoseconds = std::int64_t;

// The largest time there is; a deadline that far away never comes.
inline constexpr Nanoseconds time_max = INT64_MAX;

class Clock {
 public:
  Clock(const Clock&) = delete;
  Clock& operator=(const Clock&) = delete;
  virtual ~Clock() = default;

  // The present, in nanoseconds.
  virtual Nanoseconds now() noexcept = 0;

  // Called when nothing is ready and only time can bring work. True when the clock has moved itself
  // to `deadline`, so that nobody has to wait; false when the caller has to sleep until then.
  virtual bool jump_to(Nanoseconds deadline) noexcept = 0;

  // True for clocks that jump: a loop on such a clock that nothing can wake any more is stuck for
  // good, and says so.
  virtual bool is_virtual() const noexcept = 0;

 protected:
  Clock() = default;
};

// CLOCK_MONOTONIC. Thread-safe.
Clock& monotonic_clock() noexcept;

// a + b, stopping at the ends of the range in place of overflowing. Thread-safe.
constexpr Nanoseconds saturating_add(Nanoseconds a, Nanoseconds b) noexcept {
  Nanoseconds sum = 0;
  if (!__builtin_add_overflow(a, b, &sum)) return sum;
  return b > 0 ? time_max : INT64_MIN;
}

// Seconds as nanoseconds, stopping at the ends of the range. NaN is a ValueError: "Invalid delay:
// NaN (not a number)".
Nanoseconds nanoseconds_from_seconds(double seconds);

}  // namespace heddle
