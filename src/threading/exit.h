// What happens when the program ends, in the order of Python's.
#pragma once

#include <memory>

namespace heddle::threading {

// Something to be finished before non-daemon threads are joined: an executor with queued work.
class ExitHook {
 public:
  virtual ~ExitHook() = default;
  virtual void at_exit() noexcept = 0;
};

// Registers a hook; the last one registered is called first. One that has died by then is skipped.
// Thread-safe.
void add_exit_hook(const std::shared_ptr<ExitHook>& hook);

// True once the end of the program has begun. Thread-safe.
bool is_finalizing() noexcept;

// Runs the hooks and joins the non-daemon threads, once.
void finish_threads() noexcept;

}  // namespace heddle::threading
