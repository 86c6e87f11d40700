#include <doctest/doctest.h>
#include <heddle/multiprocessing/codec.h>
#include <heddle/multiprocessing/remote_exception.h>

#include <new>
#include <system_error>

using namespace heddle::multiprocessing;

template <class E>
static std::exception_ptr travelled(const E& error) {
  return decode_exception(encode_exception(std::make_exception_ptr(error)));
}

TEST_CASE("remote exceptions: known types keep their type, text and code") {
  CHECK(heddle::repr(travelled(heddle::ValueError("v"))) == "ValueError('v')");
  CHECK(heddle::repr(travelled(std::out_of_range("o"))) == "std::out_of_range('o')");
  CHECK_THROWS_AS(std::rethrow_exception(travelled(std::bad_alloc())), std::bad_alloc);
  try {
    std::rethrow_exception(travelled(std::system_error(2, std::system_category(), "open x")));
  } catch (const std::system_error& error) {
    CHECK(error.code().value() == 2);
    CHECK(std::string(error.what()) == "open x: No such file or directory");
  }
  try {
    std::rethrow_exception(travelled(heddle::SystemExit(7)));
  } catch (const heddle::SystemExit& exit) {
    CHECK(exit.code() == 7);
  }
}

struct Unknown : std::exception {};

TEST_CASE(
    "remote exceptions: others become a RemoteError with name and text, garbage a DecodeError") {
  CHECK_THROWS_AS(std::rethrow_exception(travelled(Unknown())), RemoteError);
  CHECK_THROWS_AS(std::rethrow_exception(travelled(7)), RemoteError);
  CHECK_THROWS_AS(std::rethrow_exception(decode_exception("garbage")), DecodeError);
}
