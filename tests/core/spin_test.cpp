#include "core/spin.h"

#include <doctest/doctest.h>

using heddle::core::Spin;

TEST_CASE("Spin: sees what is ready, and what becomes ready") {
  Spin spin(heddle::time_max / 2);
  CHECK(spin.wait([] { return true; }));
  int looks = 0;
  CHECK(spin.wait([&looks] { return ++looks == 1000; }));
}

TEST_CASE("Spin: without a limit it looks once") {
  Spin spin(0);
  int looks = 0;
  CHECK_FALSE(spin.wait([&looks] { return ++looks > 1; }));
  CHECK(looks == 1);
}

TEST_CASE("Spin: after fruitless looks it looks in one wait of 64, until that brings something") {
  Spin spin(1);
  int looked = 0;
  for (int i = 0; i < 64 * 10; ++i) {
    if (!spin.worthwhile()) continue;
    ++looked;
    CHECK_FALSE(spin.look([] { return false; }));
  }
  CHECK(looked == 3 + 9);
  while (!spin.worthwhile()) {
  }
  CHECK(spin.look([] { return true; }));
  for (int i = 0; i < 10; ++i) CHECK(spin.worthwhile());
}

TEST_CASE("Spin: steps aside as long as that brings something, and tries again now and then") {
  Spin spin(0);
  int looks = 0;
  bool answered = false;
  auto ready = [&] {
    ++looks;
    return answered;
  };
  for (int i = 0; i < 3 + 63; ++i) CHECK(!spin.step_aside(ready));
  CHECK(looks == 3);
  answered = true;
  CHECK(spin.step_aside(ready));
  for (int i = 0; i < 10; ++i) CHECK(spin.step_aside(ready));
  CHECK(looks == 3 + 1 + 10);
}
