// Hooks at the begin and the end of each thread, for profilers, logs and settings of a thread: what
// C++ has in place of Python's settrace() and setprofile().
//
//     threading::set_thread_hooks([](const threading::Thread& thread) { trace_begin(thread.name());
//     },
//                                 [](const threading::Thread& thread) { trace_end(thread.name());
//                                 });
#pragma once

#include <heddle/threading/thread.h>

#include <memory>

namespace heddle::threading {

// Called on the threads of the library, not on foreign ones. What a hook throws goes to the
// excepthook, and the thread goes on.
class ThreadHooks {
 public:
  virtual ~ThreadHooks() = default;
  // Before run().
  virtual void started(const Thread& thread) = 0;
  // After run(), also if an exception left it.
  virtual void ended(const Thread& thread) = 0;
};

// Installs the hooks for threads that begin from now on (a thread ends with the hooks it began
// with); null: none. Thread-safe.
void install_thread_hooks(std::shared_ptr<ThreadHooks> hooks);

// As install_thread_hooks(), for two callables that take a const Thread&.
template <class Started, class Ended>
void set_thread_hooks(Started started, Ended ended) {
  class Stored final : public ThreadHooks {
   public:
    Stored(Started first, Ended second) : started_(std::move(first)), ended_(std::move(second)) {}
    void started(const Thread& thread) override { started_(thread); }
    void ended(const Thread& thread) override { ended_(thread); }

   private:
    Started started_;
    Ended ended_;
  };
  install_thread_hooks(std::make_shared<Stored>(std::move(started), std::move(ended)));
}

}  // namespace heddle::threading
