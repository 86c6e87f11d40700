#include <doctest/doctest.h>
#include <heddle/core/error.h>
#include <heddle/core/type_name.h>

TEST_CASE("type_name: drops the library's own namespace and what nests exceptions") {
  CHECK(heddle::type_name(typeid(heddle::ValueError)) == "ValueError");
  CHECK(heddle::type_name(typeid(int)) == "int");
  try {
    std::throw_with_nested(heddle::KeyError("k"));
  } catch (...) {
    CHECK(heddle::type_name(std::current_exception()) == "KeyError");
  }
}
