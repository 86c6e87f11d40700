#include <heddle/core/clock.h>
#include <heddle/core/error.h>

#include <cmath>

#include "core/kernel.h"

namespace heddle {

namespace {

class MonotonicClock final : public Clock {
 public:
  Nanoseconds now() noexcept override { return core::Kernel::monotonic_now(); }
  bool jump_to(Nanoseconds) noexcept override { return false; }
  bool is_virtual() const noexcept override { return false; }
};

}  // namespace

Clock& monotonic_clock() noexcept {
  // Never destroyed: daemon threads may still read the time while static destructors run.
  static MonotonicClock* clock = new MonotonicClock;
  return *clock;
}

Nanoseconds nanoseconds_from_seconds(double seconds) {
  if (std::isnan(seconds)) {
    throw ValueError("Invalid delay: NaN (not a number); give a number of seconds");
  }
  double nanoseconds = seconds * 1e9;
  if (nanoseconds >= 9.2e18) return time_max;
  if (nanoseconds <= -9.2e18) return INT64_MIN;
  return static_cast<Nanoseconds>(nanoseconds);
}

}  // namespace heddle
