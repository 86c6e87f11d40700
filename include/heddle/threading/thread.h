// Thread: a thread with Python's life cycle.
//
//     threading::Thread worker(threading::ThreadOptions().name("worker"), crunch,
//     std::move(numbers)); worker.start();
//     ...
//     worker.join();
//
// A Thread object is a handle; copies refer to the same thread, and dropping them does not stop it.
// Non-daemon threads are joined when the program ends, before atexit handlers and static
// destructors run. Daemon threads are cut off then: nothing of them is unwound, so they may touch
// only what is never destroyed (docs/threads-exit.md). Differs from Python: default names are
// "Thread-N", since C++ functions have no name at run time; with target_name("f") they are Python's
// "Thread-N (f)". Source: https://docs.python.org/3/library/threading.html#thread-objects
#pragma once

#include <heddle/core/context_var.h>
#include <heddle/core/delay.h>
#include <heddle/core/error.h>

#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace heddle::threading {

class ThreadCore;

// Options of a Thread.
class ThreadOptions {
 public:
  ThreadOptions& name(std::string name) {
    name_ = std::move(name);
    return *this;
  }
  // True: the program does not wait for the thread at its end. Default: as the creating thread.
  ThreadOptions& daemon(bool daemon) {
    daemon_ = daemon;
    return *this;
  }

  // What stands behind the number in a default name: "Thread-N (target_name)".
  ThreadOptions& target_name(std::string name) {
    target_name_ = std::move(name);
    return *this;
  }
  // The context that run() runs in, as copy_context() gives it. Default: an empty one.
  ThreadOptions& context(Context context) {
    context_ = std::move(context);
    return *this;
  }
  // Bytes of stack; 0: as stack_size(). Below 32 KiB the thread's constructor throws ValueError.
  ThreadOptions& stack_size(std::size_t bytes) {
    stack_bytes_ = bytes;
    return *this;
  }

  std::string name_;
  std::string target_name_;
  std::optional<bool> daemon_;
  Context context_;
  std::size_t stack_bytes_ = 0;
};

class Thread {
 public:
  // What a thread runs.
  class Target {
   public:
    virtual ~Target() = default;
    virtual void call() = 0;
  };

  // A thread without a target: run() does nothing unless a subclass overrides it.
  Thread() : Thread(ThreadOptions()) {}
  explicit Thread(ThreadOptions options);

  // A thread that will call function(args...). Both are stored until then; references stay
  // references only by std::ref.
  template <class F, class... Args>
    requires std::is_invocable_v<std::decay_t<F>, std::decay_t<Args>...>
  explicit Thread(F&& function, Args&&... args)
      : Thread(ThreadOptions(), std::forward<F>(function), std::forward<Args>(args)...) {}
  template <class F, class... Args>
    requires std::is_invocable_v<std::decay_t<F>, std::decay_t<Args>...>
  Thread(ThreadOptions options, F&& function, Args&&... args)
      : Thread(std::move(options),
               make_target(std::forward<F>(function), std::forward<Args>(args)...)) {}

  Thread(const Thread&) = default;
  Thread& operator=(const Thread&) = default;
  // An object of a subclass must not die while its run() is under way: join it first. The program
  // is aborted otherwise.
  virtual ~Thread();

  // Starts the thread; it runs when this returns. Throws RuntimeError "threads can only be started
  // once", "can't start new thread" with the system's reason, or "can't create new thread at
  // interpreter shutdown".
  void start();

  // Waits until the thread has ended. Does not rethrow its exception; see set_excepthook(). Any
  // thread may join, any number of times. Throws RuntimeError "cannot join current thread", "cannot
  // join thread before it is started".
  void join() { join_until(time_max); }
  // As join(), for at most `timeout` (negative: as 0); ask is_alive() how it ended.
  void join(Delay timeout) { join_until(timeout.nanoseconds()); }

  // True from start() until run() has returned. Thread-safe.
  bool is_alive() const noexcept;

  // The system is told the name too, as far as it keeps it (15 bytes): for ps, top, gdb.
  // Thread-safe.
  std::string name() const;
  void set_name(std::string name);

  // Empty before start(). A number that may be used again after the thread's end. Thread-safe.
  std::optional<std::uint64_t> ident() const noexcept;
  // The kernel's thread id.
  std::optional<int> native_id() const noexcept;

  bool daemon() const noexcept;
  // Throws RuntimeError "cannot set daemon status of active thread".
  void set_daemon(bool daemon);

  // What the thread does; a subclass may override it in place of giving a target.
  virtual void run();

  friend bool operator==(const Thread& a, const Thread& b) noexcept { return a.core_ == b.core_; }

  // For the library.
  explicit Thread(std::shared_ptr<ThreadCore> core) noexcept : core_(std::move(core)) {}

 protected:
  // For subclasses that are their target, and may die before it ends, as handles do.
  struct OnlyTarget {};
  Thread(OnlyTarget, ThreadOptions options, std::unique_ptr<Target> target);

  template <class F, class... Args>
  static std::unique_ptr<Target> make_target(F&& function, Args&&... args) {
    class Bound final : public Target {
     public:
      Bound(F&& function_, Args&&... args_)
          : function(std::forward<F>(function_)), arguments(std::forward<Args>(args_)...) {}
      void call() override { std::apply(std::move(function), std::move(arguments)); }

     private:
      std::decay_t<F> function;
      std::tuple<std::decay_t<Args>...> arguments;
    };
    return std::make_unique<Bound>(std::forward<F>(function), std::forward<Args>(args)...);
  }

 private:
  Thread(ThreadOptions options, std::unique_ptr<Target> target);
  void join_until(Nanoseconds limit);

  std::shared_ptr<ThreadCore> core_;
};

// The thread that calls. A thread that was not made here gets a handle named "Dummy-N", a daemon
// that cannot be joined.
Thread current_thread();

// The thread that the program began on. Thread-safe.
Thread main_thread();

// All threads that are alive: the main one, those made here, and foreign ones that called
// current_thread(). Thread-safe.
std::vector<Thread> enumerate();

// How many enumerate() gives. Thread-safe.
std::size_t active_count();

// The ident of the calling thread, and the kernel's id of it.
std::uint64_t get_ident() noexcept;
int get_native_id() noexcept;

// The bytes of stack of threads that do not say how many they need: 0, at first, is what the system
// gives. The second sets it for threads started from then on, and returns what it was; ValueError
// below 32 KiB. Thread-safe.
std::size_t stack_size() noexcept;
std::size_t stack_size(std::size_t bytes);

}  // namespace heddle::threading
