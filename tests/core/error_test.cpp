#include <doctest/doctest.h>
#include <heddle/core/error.h>
#include <heddle/core/exception_group.h>

TEST_CASE("error: what Python keeps outside Exception is no std::exception") {
  CHECK(!std::is_base_of_v<std::exception, heddle::CancelledError>);
  CHECK(!std::is_base_of_v<std::exception, heddle::GeneratorExit>);
  CHECK(!std::is_base_of_v<std::exception, heddle::KeyboardInterrupt>);
  CHECK(!std::is_base_of_v<std::exception, heddle::SystemExit>);
  CHECK(std::is_base_of_v<heddle::RuntimeError, heddle::BrokenExecutor>);
}

TEST_CASE("error: describe() and repr() show any exception as Python does") {
  auto value_error = std::make_exception_ptr(heddle::ValueError("boom"));
  CHECK(heddle::describe(value_error) == "ValueError: boom");
  CHECK(heddle::repr(value_error) == "ValueError('boom')");
  CHECK(heddle::repr(std::make_exception_ptr(heddle::CancelledError())) == "CancelledError()");
  CHECK(heddle::describe(std::make_exception_ptr(std::runtime_error("x"))) ==
        "std::runtime_error: x");
  CHECK(heddle::describe(std::make_exception_ptr(heddle::SystemExit(3))) == "SystemExit: 3");
  CHECK(heddle::describe(std::make_exception_ptr(7)) == "int");
  CHECK(heddle::describe(nullptr) == "unknown exception");
  CHECK(heddle::message_of(std::make_exception_ptr(std::string("text"))) == "text");
}

TEST_CASE("error: repr() quotes and escapes the text, and shows what is in a group") {
  auto value_error = [](const char* text) {
    return std::make_exception_ptr(heddle::ValueError(text));
  };
  CHECK(heddle::repr(value_error("it's")) == "ValueError(\"it's\")");
  CHECK(heddle::repr(value_error("it's \"so\"")) == "ValueError('it\\'s \"so\"')");
  CHECK(heddle::repr(value_error("a\n\tb\\\x01")) == "ValueError('a\\n\\tb\\\\\\x01')");
  CHECK(heddle::repr(std::make_exception_ptr(heddle::SystemExit(3))) == "SystemExit(3)");
  auto inner = std::make_exception_ptr(
      heddle::ExceptionGroup("inner", {value_error("a"), value_error("b")}));
  auto outer = std::make_exception_ptr(heddle::BaseExceptionGroup(
      "outer", {inner, std::make_exception_ptr(heddle::CancelledError())}));
  CHECK(heddle::repr(outer) ==
        "BaseExceptionGroup('outer', [ExceptionGroup('inner', [ValueError('a'), "
        "ValueError('b')]), CancelledError()])");
}
