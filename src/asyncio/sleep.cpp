#include <heddle/asyncio/sleep.h>

#include "asyncio/loop_core.h"

namespace heddle::asyncio::detail {

void SleepParking::suspend(heddle::detail::Frame& frame) {
  // Awaited before, or moved from, as g++ does to await it: the time is not kept any more.
  if (suspended() || kept() == moved_from) throw_already_awaited();
  if (kept() == 0) return ParkingAccess::yield(*this, frame);
  set_timer(frame);
}

void SleepParking::set_timer(heddle::detail::Frame& frame) {
  LoopCore& loop = running_loop_core();  // none in a child of fork()
  loop.arm(*this, saturating_add(loop.read_clock(), kept()));
  ParkingAccess::park(*this, frame);
}

void SleepParking::abandon() noexcept {
  if (armed()) {
    task()->loop().disarm(*this);
  } else {
    ParkingAccess::end_due(*this);
  }
}

}  // namespace heddle::asyncio::detail
