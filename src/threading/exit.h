// What happens when the program ends, in the order of Python's: docs/threads-exit.md.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

namespace heddle::threading {

// Something to be finished before non-daemon threads are joined: an executor with queued work.
class ExitHook {
 public:
  virtual ~ExitHook() = default;
  virtual void at_exit() noexcept = 0;
};

// Registers a hook; the last one registered is called first. One that has died by then is skipped,
// and so are all of them in a child of fork(). Thread-safe.
void add_exit_hook(const std::shared_ptr<ExitHook>& hook);

// For tests that leave threads behind which never end: the hooks of the program are set aside and
// put back, and its end does not wait for such a thread. Thread-safe.
using ExitHooks = std::vector<std::weak_ptr<ExitHook>>;
ExitHooks exchange_exit_hooks(ExitHooks hooks);
void leave_behind(std::uint64_t ident) noexcept;

// True once the end of the program has begun. Thread-safe.
bool is_finalizing() noexcept;

// Runs the hooks and joins the non-daemon threads, once, on the thread that calls exit(). Another
// thread that comes here later never returns: the first one ends the program.
void finish_threads() noexcept;

// Never returns when another thread ends the program and the calling one is the main thread or a
// foreign one: an exception would be the death of the whole process there, and what it would go on
// to do nobody waits for.
void stop_if_program_ends() noexcept;

// Has finish_threads() called before what was registered with atexit() until now, also if a thread
// that is not the library's calls exit().
void arm_exit() noexcept;

// In a child of fork().
void forget_exit_hooks() noexcept;

}  // namespace heddle::threading
