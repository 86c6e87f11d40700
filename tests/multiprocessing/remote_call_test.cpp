#include <doctest/doctest.h>
#include <heddle/multiprocessing/remote_call.h>

#include <cstdlib>

using namespace heddle::multiprocessing;

static int add(int a, int b) { return a + b; }

TEST_CASE("RemoteCall: runs functions and callables without state from their bytes") {
  CHECK(decode<int>(RemoteCall::run(
            RemoteCall::make<int (*)(int, int), int, int>(add, 2, 3).encode())) == 5);
  auto lambda = [](std::string text) { return text + "!"; };
  using Lambda = decltype(lambda);
  CHECK(decode<std::string>(
            RemoteCall::run(RemoteCall::make<Lambda, std::string>(lambda, "a").encode())) == "a!");
}

TEST_CASE(
    "RemoteCall: refuses null, functions of shared libraries, other builds, and bytes that are "
    "none") {
  using F = int (*)(int, int);
  CHECK_THROWS_AS((RemoteCall::make<F, int, int>(nullptr, 1, 2)), heddle::TypeError);
  CHECK_THROWS_AS((RemoteCall::make<int (*)(int), int>(&std::abs, 1)), heddle::TypeError);
  CHECK_THROWS_AS(RemoteCall::run("garbage"), DecodeError);
  std::string bytes = RemoteCall::make<F, int, int>(add, 2, 3).encode();
  bytes[8] ^= 1;  // the build-id
  CHECK_THROWS_AS(RemoteCall::run(bytes), DecodeError);
  CHECK_THROWS_AS(detail::at_offset(std::uint64_t{1} << 60), DecodeError);
}
