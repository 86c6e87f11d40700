#include <doctest/doctest.h>
#include <heddle/threading/local.h>
#include <heddle/threading/thread.h>

#include <atomic>
#include <optional>
#include <string>

namespace threading = heddle::threading;

static std::atomic<int> alive{0};

struct Counted {
  Counted() { ++alive; }
  ~Counted() { --alive; }
  int number = 0;
};

TEST_CASE("local: one value a thread; it dies with the thread or with the object") {
  {
    threading::local<Counted> value;
    CHECK(!value.has_value());
    value->number = 10;
    CHECK(alive == 1);
    threading::Thread thread([&value] {
      CHECK(!value.has_value());
      value->number = 11;
      CHECK(alive == 2);
    });
    thread.start();
    thread.join();
    CHECK(alive == 1);
    CHECK(value->number == 10);
    value.reset();
    CHECK(alive == 0);
    CHECK(!value.has_value());
    value->number = 1;
  }
  CHECK(alive == 0);
}

TEST_CASE("local: a new object does not see the values of one that died at its address") {
  std::optional<threading::local<std::string>> value;
  for (int i = 0; i < 3; ++i) {
    value.emplace();
    CHECK(!value->has_value());
    *value = std::string("set");
    CHECK(value->get() == "set");
  }
}
