// InterruptGuard: Ctrl-C while Runner::run() lasts.
#pragma once

#include <signal.h>

#include "asyncio/loop_core.h"

namespace heddle::asyncio::detail {

// Takes SIGINT over when it is on the main thread and the program left the signal alone, and gives
// it back.
class InterruptGuard final : private LoopCore::InterruptHandler {
 public:
  InterruptGuard(LoopCore& loop, TaskCore& main_task);
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;
  ~InterruptGuard() override;

  bool was_interrupted() const noexcept { return count_ > 0; }

 private:
  void interrupted() override;

  LoopCore& loop_;
  TaskCore& main_task_;
  bool installed_ = false;
  unsigned count_ = 0;
  struct sigaction former_{};
};

}  // namespace heddle::asyncio::detail
