#include <doctest/doctest.h>
#include <heddle/core/choose.h>

TEST_CASE("choose: without a source every choice is the tame one") {
  CHECK(heddle::choice_source() == nullptr);
  for (std::uint32_t n = 1; n < 1000; n *= 7) CHECK(heddle::choose(n, "test") == 0);
}
