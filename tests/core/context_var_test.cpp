#include <doctest/doctest.h>
#include <heddle/core/context_var.h>

#include <thread>

static heddle::ContextVar<int> level("level", 1);
static heddle::ContextVar<std::string> bare("bare");

TEST_CASE("ContextVar: set, reset, defaults and their errors") {
  heddle::Context scratch;
  scratch.run([] {
    CHECK(level.get() == 1);
    CHECK(bare.get("fallback") == "fallback");
    CHECK_THROWS_AS(bare.get(), heddle::LookupError);
    auto outer = level.set(2);
    auto inner = level.set(3);
    CHECK(inner.old_value() == 2);
    level.reset(inner);
    CHECK(level.get() == 2);
    CHECK_THROWS_AS(level.reset(inner), heddle::RuntimeError);
    auto other = bare.set("x");
    level.reset(outer);
    CHECK(level.get() == 1);
    bare.reset(other);
  });
  CHECK(level.get() == 1);
}

TEST_CASE("Context: a copy is a value of its own, and may cross threads") {
  heddle::Context scratch;
  scratch.run([] {
    level.set(5);
    heddle::Context copy = heddle::copy_context();
    copy.run([] { level.set(6); });
    CHECK(level.get() == 5);
    CHECK(copy[level] == 6);
    CHECK_THROWS_AS(copy[bare], heddle::KeyError);
    CHECK(copy.size() == 1);
    std::thread([copy]() mutable {
      CHECK(level.get() == 1);
      copy.run([] { CHECK(level.get() == 6); });
    }).join();
  });
  CHECK(heddle::copy_context().size() == 0);
}
