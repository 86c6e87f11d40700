#include <doctest/doctest.h>
#include <heddle/threading/lock_guard.h>
#include <heddle/threading/tee_places.h>

namespace threading = heddle::threading;

TEST_CASE("TeePlaces: an element goes when the slowest branch took it or left") {
  threading::TeePlaces places(2, 0);
  threading::LockGuard held(places);
  CHECK_FALSE(places.wait_for_turn(0));
  places.added();
  CHECK_FALSE(places.is_last_to_take(0));
  places.advance(0);
  CHECK_FALSE(places.wait_for_turn(0));
  places.added();
  CHECK(places.offset(0) == 1);
  CHECK(places.wait_for_turn(1));
  CHECK(places.offset(1) == 0);
  CHECK(places.is_last_to_take(1));
  places.advance(1);
  CHECK(places.offset(0) == 0);
  places.advance(0);
  CHECK(places.leave(1) == 1);
  CHECK(places.leave(0) == 0);
}
