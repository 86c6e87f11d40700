#include <doctest/doctest.h>
#include <heddle/queue/errors.h>

namespace queue = heddle::queue;

TEST_CASE("queue errors: each is an Error of its own, and its name describes it") {
  CHECK(heddle::describe(std::make_exception_ptr(queue::Empty())) == "queue::Empty");
  CHECK(heddle::repr(std::make_exception_ptr(queue::Full())) == "queue::Full()");
  CHECK_THROWS_AS(throw queue::ShutDown(), heddle::Error);
}
