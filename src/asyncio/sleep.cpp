#include <heddle/asyncio/sleep.h>

#include "asyncio/loop_core.h"

namespace heddle::asyncio::detail {

void SleepParking::suspend(heddle::detail::Frame& frame) {
  if (delay_ <= 0) return yield(frame);
  LoopCore& loop = *heddle::detail::thread_state.loop;
  loop.arm(*this, saturating_add(loop.clock().now(), delay_));
  park(frame);
}

}  // namespace heddle::asyncio::detail
