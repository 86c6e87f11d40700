#include <doctest/doctest.h>
#include <heddle/core/delay.h>
#include <heddle/core/error.h>

#include <cmath>

using namespace std::chrono_literals;

TEST_CASE("Delay: takes any duration and does not overflow") {
  CHECK(heddle::Delay(2s).nanoseconds() == 2'000'000'000);
  CHECK(heddle::Delay(-5ms).nanoseconds() == -5'000'000);
  CHECK(heddle::Delay(1.5s).nanoseconds() == 1'500'000'000);
  CHECK(heddle::Delay(std::chrono::hours::max()).nanoseconds() == heddle::time_max);
  CHECK(heddle::Delay(std::chrono::hours::min()).nanoseconds() == INT64_MIN);
  CHECK(heddle::Delay(std::chrono::nanoseconds::max()).nanoseconds() == heddle::time_max);
  CHECK_THROWS_AS(heddle::Delay(std::chrono::duration<double>(NAN)), heddle::ValueError);
}

TEST_CASE("Delay: takes unsigned counts, and those beyond the range") {
  using Unsigned = std::chrono::duration<std::uint64_t, std::milli>;
  CHECK(heddle::Delay(Unsigned(5)).nanoseconds() == 5'000'000);
  CHECK(heddle::Delay(Unsigned::max()).nanoseconds() == INT64_MAX);
  using UnsignedNano = std::chrono::duration<std::uint64_t, std::nano>;
  CHECK(heddle::Delay(UnsignedNano(5)).nanoseconds() == 5);
  CHECK(heddle::Delay(UnsignedNano::max()).nanoseconds() == INT64_MAX);
  CHECK(heddle::Delay(std::chrono::duration<std::int8_t>(-5)).nanoseconds() == -5'000'000'000);
}
