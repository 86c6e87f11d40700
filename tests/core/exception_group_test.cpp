#include <doctest/doctest.h>
#include <heddle/core/exception_group.h>

TEST_CASE("ExceptionGroup: shows the tree of its exceptions") {
  heddle::ExceptionGroup inner("inner", {std::make_exception_ptr(heddle::KeyError("k"))});
  heddle::ExceptionGroup group(
      "top", {std::make_exception_ptr(heddle::ValueError("v")), std::make_exception_ptr(inner)});
  CHECK(group.message() == "top");
  CHECK(group.str() == "top (2 sub-exceptions)");
  CHECK(std::string(group.what()) ==
        "top (2 sub-exceptions)\n  ValueError: v\n  ExceptionGroup: inner (1 sub-exception)\n    "
        "KeyError: k");
  CHECK_THROWS_AS(heddle::ExceptionGroup("empty", {}), heddle::ValueError);
}
