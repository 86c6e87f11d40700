#include <doctest/doctest.h>
#include <heddle/core/error.h>
#include <heddle/threading/run_main.h>

namespace threading = heddle::threading;

TEST_CASE("run_main: the exit code is what the function returns, or what Python makes of it") {
  CHECK(threading::run_main([] {}) == 0);
  CHECK(threading::run_main([] { return 3; }) == 3);
  CHECK(threading::run_main([]() -> int { throw heddle::SystemExit(4); }) == 4);
  CHECK(threading::run_main([] { throw heddle::ValueError("on purpose, by the test"); }) == 1);
  CHECK(threading::run_main([] { throw heddle::KeyboardInterrupt(); }) == 130);
}
