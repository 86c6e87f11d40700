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

namespace {

std::vector<std::exception_ptr> nested_errors() {
  using heddle::ExceptionGroup;
  auto key = std::make_exception_ptr(heddle::KeyError("2"));
  auto value = std::make_exception_ptr(heddle::ValueError("3"));
  auto inner = std::make_exception_ptr(ExceptionGroup("in", {key, value}));
  return {std::make_exception_ptr(heddle::ValueError("1")), inner};
}

std::string shape(const heddle::ExceptionGroupPtr& group) { return group ? group->tree() : "none"; }

}  // namespace

TEST_CASE("ExceptionGroup: split() and subgroup() keep the nesting") {
  heddle::ExceptionGroup group("top", nested_errors());
  auto [match, rest] = group.split<heddle::ValueError>();
  CHECK(shape(match) ==
        "top (2 sub-exceptions)\n  ValueError: 1\n  ExceptionGroup: in (1 sub-exception)\n    "
        "ValueError: 3");
  CHECK(shape(rest) ==
        "top (1 sub-exception)\n  ExceptionGroup: in (1 sub-exception)\n    KeyError: 2");
  CHECK(!group.subgroup<heddle::TypeError>());
  auto both = group.split<heddle::ValueError, heddle::KeyError>();
  CHECK(!both.second);
  auto by_text =
      group.subgroup([](const std::exception_ptr& e) { return heddle::message_of(e) == "2"; });
  CHECK(by_text->exceptions().size() == 1);
  CHECK(group.derive(nested_errors())->message() == "top");
}

TEST_CASE("ExceptionGroup: what is no Exception goes into a BaseExceptionGroup") {
  auto cancelled = std::make_exception_ptr(heddle::CancelledError());
  CHECK_THROWS_AS(heddle::ExceptionGroup("g", {cancelled}), heddle::TypeError);
  CHECK_THROWS_AS(heddle::BaseExceptionGroup("g", {}), heddle::ValueError);
  auto mixed = heddle::make_exception_group(
      "g", {cancelled, std::make_exception_ptr(heddle::ValueError("v"))});
  CHECK_THROWS_AS(mixed->raise(), heddle::BaseExceptionGroup);
  bool is_exception = true;
  try {
    mixed->raise();
  } catch (const std::exception&) {
    is_exception = true;
  } catch (...) {
    is_exception = false;
  }
  CHECK(!is_exception);
  CHECK_THROWS_AS(mixed->subgroup<heddle::ValueError>()->raise(), heddle::ExceptionGroup);
}

TEST_CASE("ExceptionGroup: raise_single() unwraps a group of one, at any depth") {
  auto value = std::make_exception_ptr(heddle::ValueError("v"));
  auto inner = std::make_exception_ptr(heddle::ExceptionGroup("in", {value}));
  CHECK_THROWS_AS(heddle::ExceptionGroup("top", {inner}).raise_single(), heddle::ValueError);
  CHECK_THROWS_AS(heddle::ExceptionGroup("top", {inner, value}).raise_single(),
                  heddle::ExceptionGroup);
}

TEST_CASE("except_star: each clause gets its part once; the rest and new errors are thrown on") {
  auto group = std::make_exception_ptr(heddle::ExceptionGroup("top", nested_errors()));
  std::vector<std::string> seen;
  auto note = [&seen](const heddle::BaseExceptionGroup& part) { seen.push_back(part.str()); };
  heddle::except_star(group, heddle::on<heddle::ValueError>(note), heddle::on<heddle::Error>(note));
  CHECK(seen == std::vector<std::string>{"top (2 sub-exceptions)", "top (1 sub-exception)"});
  CHECK_THROWS_AS(heddle::except_star(group, heddle::on<heddle::ValueError>(note)),
                  heddle::ExceptionGroup);
  auto bare = std::make_exception_ptr(heddle::KeyError("k"));
  CHECK_THROWS_AS(heddle::except_star(bare, heddle::on<heddle::ValueError>(note)),
                  heddle::KeyError);
  auto throws = [](const heddle::BaseExceptionGroup&) { throw heddle::TypeError("new"); };
  try {
    heddle::except_star(group, heddle::on<heddle::ValueError>(throws));
    FAIL("nothing was thrown");
  } catch (const heddle::ExceptionGroup& both) {
    CHECK(both.exceptions().size() == 2);
    CHECK(heddle::repr(both.exceptions()[0]) == "TypeError('new')");
  }
  heddle::except_star(nullptr, heddle::on<heddle::ValueError>(note));
}
