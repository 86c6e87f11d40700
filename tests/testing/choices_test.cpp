#include <doctest/doctest.h>
#include <heddle/testing/choices.h>

namespace testing = heddle::testing;

TEST_CASE("Choices: a seed gives the same answers each time, in range; seed 0 gives tame ones") {
  testing::Choices a(7);
  testing::Choices b(7);
  testing::Choices tame(0);
  for (std::uint32_t n = 1; n < 100; ++n) {
    std::uint32_t answer = a.choose(n, "x");
    CHECK(answer < n);
    CHECK(answer == b.choose(n, "x"));
    CHECK(tame.choose(n, "x") == 0);
  }
}

TEST_CASE("Choices: a recorded list is replayed, then all is tame") {
  testing::Choices replay(std::vector<std::uint32_t>{2, 5});
  testing::ScopedChoices installed(replay);
  CHECK(heddle::choose(3, "x") == 2);
  CHECK(heddle::choose(3, "x") == 2);
  CHECK(heddle::choose(3, "x") == 0);
  CHECK(replay.choices() == std::vector<std::uint32_t>{2, 2, 0});
}
