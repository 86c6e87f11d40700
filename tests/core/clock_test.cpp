#include <doctest/doctest.h>
#include <heddle/core/clock.h>
#include <heddle/core/error.h>

#include <cmath>

TEST_CASE("clock: goes on, and sums stop at the ends of the range") {
  heddle::Nanoseconds first = heddle::monotonic_clock().now();
  CHECK(heddle::monotonic_clock().now() >= first);
  CHECK(!heddle::monotonic_clock().is_virtual());
  CHECK(heddle::saturating_add(heddle::time_max, 1) == heddle::time_max);
  CHECK(heddle::saturating_add(INT64_MIN, -1) == INT64_MIN);
  CHECK(heddle::saturating_add(1, 2) == 3);
  CHECK(heddle::nanoseconds_from_seconds(1.5) == 1'500'000'000);
  CHECK(heddle::nanoseconds_from_seconds(HUGE_VAL) == heddle::time_max);
  CHECK(heddle::nanoseconds_from_seconds(-1e300) == INT64_MIN);
  CHECK_THROWS_AS(heddle::nanoseconds_from_seconds(NAN), heddle::ValueError);
}
