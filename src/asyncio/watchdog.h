// Watchdog: a thread that looks at a loop in debug mode, and speaks up while it is still stuck.
#pragma once

#include <atomic>
#include <thread>

#include "asyncio/loop_snapshot.h"

namespace heddle::asyncio::detail {

class Watchdog {
 public:
  // A step that lasts so many times the loop's slow_callback_duration is reported while it lasts.
  static constexpr int patience = 5;

  explicit Watchdog(LoopCore& loop);
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;
  ~Watchdog();

  // The loop's thread.
  void step_begins(const StepLabel& label) noexcept;
  void step_ends() noexcept;
  // What runs now; for the handler that interrupts the loop's thread.
  const StepLabel* step() const noexcept { return step_; }

 private:
  void watch();
  void report_stuck(Nanoseconds lasted);

  LoopCore& loop_;
  LoopSnapshot snapshot_;
  std::atomic<Nanoseconds> begin_{0};  // of the present step; 0 between steps
  const StepLabel* step_ = nullptr;
  std::atomic<std::uint32_t> stop_{0};
  std::thread thread_;
};

// The time of one step; watchdog may be null.
class WatchedStep {
 public:
  WatchedStep(Watchdog* watchdog, const StepLabel& label) noexcept : watchdog_(watchdog) {
    if (watchdog_ != nullptr) watchdog_->step_begins(label);
  }
  WatchedStep(const WatchedStep&) = delete;
  WatchedStep& operator=(const WatchedStep&) = delete;
  ~WatchedStep() {
    if (watchdog_ != nullptr) watchdog_->step_ends();
  }

 private:
  Watchdog* watchdog_;
};

}  // namespace heddle::asyncio::detail
