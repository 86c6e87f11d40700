// What debug mode adds to a step of the loop.
#include "asyncio/function_name.h"
#include "asyncio/loop_core.h"
#include "asyncio/watchdog.h"
#include "core/text.h"

#include <cstdio>

namespace heddle::asyncio {

namespace {

// "0.105"
std::string seconds(Nanoseconds time) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3f", static_cast<double>(time) * 1e-9);
  return text;
}

}  // namespace

void LoopCore::set_debug(bool debug) {
  debug_ = debug;
  refresh_watched();
  if (!debug_) {
    watchdog_.reset();
  } else if (running() && !watchdog_ && !clock_.is_virtual()) {
    watchdog_ = std::make_unique<detail::Watchdog>(*this);
  }
}

void LoopCore::run_watched(detail::ReadyNode& node) {
  if (observer_ != nullptr) {
    observer_->step(node.trace_id());
    // It may have cancelled what was to run now.
    if (running_list_.empty() || &running_list_.front() != &node) return;
  }
  node.unlink();
  if (debug_) {
    run_timed(node);
  } else {
    node.run();
  }
}

void LoopCore::run_timed(detail::ReadyNode& node) {
  detail::StepLabel label = node.label();
  Nanoseconds begin = clock_.now();
  {
    detail::WatchedStep watched(watchdog_.get(), label);
    node.run();
  }
  Nanoseconds took = clock_.now() - begin;
  if (took < slow_step()) return;
  std::string message = "Executing ";
  if (label.task) {
    message += label.task->describe();
  } else {
    message += label.handle ? label.handle->describe() : "a step of the library";
  }
  message = core::text({message, " took ", seconds(took), " seconds"});
  std::string subject;
  if (label.resumed.line() != 0)
    subject = core::text({"resumed: after the await in ", detail::place_text(label.resumed)});
  report({std::move(message), nullptr, std::move(subject),
          "nothing else ran meanwhile: move the work to a thread with to_thread()"});
}

}  // namespace heddle::asyncio
