#include <heddle/threading/thread_hooks.h>

#include "threading/thread_core.h"
#include "threading/thread_reports.h"

namespace heddle::threading {

namespace {

// Guarded by process_lock().
std::shared_ptr<ThreadHooks>& installed() {
  static auto* hooks = new std::shared_ptr<ThreadHooks>;
  return *hooks;
}

}  // namespace

void install_thread_hooks(std::shared_ptr<ThreadHooks> hooks) {
  std::lock_guard lock(process_lock());
  installed().swap(hooks);  // the former ones die with the argument, outside of the lock
}

std::shared_ptr<ThreadHooks> detail::call_started_hook(const Thread& thread) noexcept {
  std::shared_ptr<ThreadHooks> hooks;
  {
    std::lock_guard lock(process_lock());
    hooks = installed();
  }
  if (!hooks) return hooks;
  try {
    hooks->started(thread);
  } catch (...) {
    report(thread, std::current_exception());
  }
  return hooks;
}

void detail::call_ended_hook(const std::shared_ptr<ThreadHooks>& hooks,
                             const Thread& thread) noexcept {
  if (!hooks) return;
  try {
    hooks->ended(thread);
  } catch (...) {
    report(thread, std::current_exception());
  }
}

}  // namespace heddle::threading
