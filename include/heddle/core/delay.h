// Delay: a length of time, as parameters take it.
#pragma once

#include <heddle/core/clock.h>

#include <chrono>
#include <type_traits>
#include <utility>

namespace heddle {

// A delay in seconds, made from any std::chrono duration. Durations beyond the range of 64-bit
// nanoseconds (292 years) stop there. Throws ValueError for NaN.
class Delay {
 public:
  template <class Rep, class Period>
  Delay(std::chrono::duration<Rep, Period> duration)  // NOLINT: a duration is a delay
      : nanoseconds_(convert(duration)) {}

  // What is left until `point`, by its own clock; negative when it has passed.
  template <class PointClock, class Duration>
  static Delay until(std::chrono::time_point<PointClock, Duration> point) {
    return point - PointClock::now();
  }

  static Delay from_nanoseconds(Nanoseconds nanoseconds) noexcept { return Delay(nanoseconds, 0); }
  Nanoseconds nanoseconds() const noexcept { return nanoseconds_; }

 private:
  Delay(Nanoseconds nanoseconds, int) noexcept : nanoseconds_(nanoseconds) {}

  template <class Rep, class Period>
  static Nanoseconds convert(std::chrono::duration<Rep, Period> duration) {
    using Target = std::chrono::nanoseconds;
    if constexpr (std::is_integral_v<Rep> && Period::den > 1'000'000'000 && Period::num == 1) {
      return std::chrono::duration_cast<Target>(duration).count();
    } else if constexpr (std::is_integral_v<Rep>) {
      constexpr auto limit =
          std::chrono::duration_cast<std::chrono::duration<Nanoseconds, Period>>(Target::max())
              .count();
      if (std::cmp_greater_equal(duration.count(), limit)) return time_max;
      if (std::cmp_less_equal(duration.count(), -limit)) return INT64_MIN;
      return std::chrono::duration_cast<Target>(duration).count();
    } else {
      return nanoseconds_from_seconds(std::chrono::duration<double>(duration).count());
    }
  }

  Nanoseconds nanoseconds_;
};

}  // namespace heddle
