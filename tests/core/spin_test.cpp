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
