#include <doctest/doctest.h>
#include <heddle/futures/progress_bar.h>

namespace futures = heddle::futures;

TEST_CASE("ProgressBar: the line says what is done, of how much, and of what") {
  futures::ProgressBar bar("counting", "files");
  CHECK(bar.line({10, 40}) == "counting [##########..............................] 10 of 40 files");
  CHECK(bar.line({40, 40}) == "counting [########################################] 40 of 40 files");
  CHECK(bar.line({50, 40}) == "counting [########################################] 50 of 40 files");
  CHECK(bar.line({SIZE_MAX / 2, SIZE_MAX}).substr(0, 32) == "counting [####################..");
  CHECK(bar.line({3, std::nullopt}) == "counting 3 files");
  CHECK(futures::ProgressBar("x").line({0, 0}) ==
        "x [########################################] 0 of 0");
}
