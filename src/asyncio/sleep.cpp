#include <heddle/asyncio/sleep.h>

#include "asyncio/loop_core.h"

namespace heddle::asyncio::detail {

void SleepAwaiter::yield(heddle::detail::Frame& frame) noexcept { ParkingAccess::yield(frame); }

void SleepAwaiter::suspend(heddle::detail::Frame& frame, Nanoseconds delay) {
  if (delay == used) throw_already_awaited();
  LoopCore& loop = running_loop_core();  // none in a child of fork()
  TaskCore& task = *heddle::detail::thread_state.task;
  loop.arm(task, saturating_add(loop.read_clock(), delay));
  ParkingAccess::fall_asleep(task, frame);
}

void SleepAwaiter::confirm() { heddle::detail::thread_state.task->confirm_sleep(); }

}  // namespace heddle::asyncio::detail
