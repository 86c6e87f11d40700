// The excepthook: what is called with an exception that leaves a thread's run().
//
//     threading::set_excepthook([](const threading::ExceptHookArgs& args) {
//       log(args.thread.name(), heddle::describe(args.exception));
//     });
//
// Only that thread ends. Source:
// https://docs.python.org/3/library/threading.html#threading.excepthook
#pragma once

#include <heddle/threading/thread.h>

#include <exception>
#include <memory>

namespace heddle::threading {

// What an excepthook is given. A SystemExit is among the exceptions.
struct ExceptHookArgs {
  std::exception_ptr exception;
  Thread thread;
};

// Called on the thread that the exception ended. One that throws itself is reported to stderr, and
// then what it was called for.
class ExceptHook {
 public:
  virtual ~ExceptHook() = default;
  virtual void call(const ExceptHookArgs& args) = 0;
};

// Installs the hook for all threads; null: the default one. Thread-safe.
void install_excepthook(std::shared_ptr<ExceptHook> hook);

// As install_excepthook(), for any callable hook(args).
template <class F>
void set_excepthook(F hook) {
  class Stored final : public ExceptHook {
   public:
    explicit Stored(F function) : function_(std::move(function)) {}
    void call(const ExceptHookArgs& args) override { function_(args); }

   private:
    F function_;
  };
  install_excepthook(std::make_shared<Stored>(std::move(hook)));
}

// The default hook, Python's __excepthook__: writes "Exception in thread NAME:" and the exception
// to stderr, and passes over SystemExit in silence.
void default_excepthook(const ExceptHookArgs& args) noexcept;

}  // namespace heddle::threading
