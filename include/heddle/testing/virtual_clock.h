// VirtualClock: time that passes only when nothing else can happen.
#pragma once

#include <heddle/core/clock.h>

namespace heddle::testing {

// A loop on this clock never sleeps: when nothing is ready, the clock jumps to the next deadline.
// It belongs to one thread.
class VirtualClock final : public Clock {
 public:
  // start, in nanoseconds.
  explicit VirtualClock(Nanoseconds start = 0) noexcept : now_(start) {}

  Nanoseconds now() noexcept override { return now_; }
  // Moves to `deadline`, or, where choose() says so, up to 3 ms beyond it: timers may be late.
  bool jump_to(Nanoseconds deadline) noexcept override;
  bool is_virtual() const noexcept override { return true; }
  // Lets time pass, as a callback does that computes for so long.
  void advance(Nanoseconds by) noexcept { now_ = saturating_add(now_, by); }

 private:
  Nanoseconds now_;
};

}  // namespace heddle::testing
