#include "asyncio/watchdog.h"

#include <algorithm>
#include <cstdio>

#include "asyncio/running_loops.h"
#include "core/futex.h"
#include "core/kernel.h"
#include "core/text.h"

namespace heddle::asyncio::detail {

using core::Kernel;

Watchdog::Watchdog(LoopCore& loop) : loop_(loop), thread_([this] { watch(); }) {}

Watchdog::~Watchdog() {
  stop_.store(1, std::memory_order_release);
  core::wake_all(stop_);
  thread_.join();
}

void Watchdog::step_begins(const StepLabel& label) noexcept {
  step_ = &label;
  // Relaxed: the watchdog only compares times; what it reports it reads on this thread, in a
  // signal handler.
  begin_.store(Kernel::monotonic_now(), std::memory_order_relaxed);
}

void Watchdog::step_ends() noexcept {
  begin_.store(0, std::memory_order_relaxed);
  step_ = nullptr;
}

void Watchdog::watch() {
  Nanoseconds reported = 0;  // the step that was reported last, by its begin
  Nanoseconds next_report = 0;
  while (true) {
    Nanoseconds period = std::max<Nanoseconds>(loop_.slow_step(), 2'000'000) / 2;
    if (core::wait_while_equal(stop_, 0, core::deadline_after(period))) return;
    Nanoseconds begin = begin_.load(std::memory_order_relaxed);
    if (begin == 0) continue;
    if (begin != reported) {
      reported = begin;
      next_report = saturating_add(begin, loop_.slow_step() * patience);
    }
    Nanoseconds now = Kernel::monotonic_now();
    if (now < next_report) continue;
    report_stuck(now - begin);
    next_report = saturating_add(now, now - begin);  // again when it has lasted twice as long
  }
}

void Watchdog::report_stuck(Nanoseconds lasted) {
  bool seen = snapshot_from_outside(loop_, snapshot_);
  if (stop_.load(std::memory_order_acquire) != 0) return;
  char seconds[32];
  std::snprintf(seconds, sizeof seconds, "%.3f", static_cast<double>(lasted) * 1e-9);
  std::string subject = "in:      ";
  if (seen) {
    const char* separator = "";
    for (const std::string& line : snapshot_.running()) {
      subject += separator;
      subject += line;
      separator = "\n           awaited by ";
    }
  } else {
    subject += "unknown: the program uses SIGURG, or the thread blocks it";
  }
  // Here, and not through the loop's handler, which cannot run.
  EventLoop::default_exception_handler(
      {core::text(
           {"Event loop is stuck: the present step has been running for ", seconds, " seconds"}),
       nullptr, std::move(subject), "nothing else runs meanwhile: use to_thread()"});
}

}  // namespace heddle::asyncio::detail
