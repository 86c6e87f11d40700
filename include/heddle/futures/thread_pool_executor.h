// ThreadPoolExecutor: runs work on a pool of threads.
//
//     futures::ThreadPoolExecutor pool(4);
//     auto page = pool.submit(download, "example.org");
//     for (int square : pool.map([](int n) { return n * n; }, numbers)) ...
//
// The destructor waits for all submitted work, as the end of Python's `with` does. At the end of
// the program the work that is queued is finished before anything is torn down.
// Work begins in the order of its submission; an idle worker is used before a new one is made.
// Differs from Python: a job that waits for a job of the same pool does that job itself, on its own
// thread, if that is queued and has not begun; so a full pool whose jobs wait for each other does
// not stand still. It does so in a wait without a timeout, in an empty context, and not where the
// wait may end without that job (as_completed(), FIRST_COMPLETED) while one before it runs. That
// goes 128 deep; a job deeper than that waits, and may then deadlock as in Python. Differs from
// Python: shutdown() by one of the pool's own workers never waits. Source:
// https://docs.python.org/3/library/concurrent.futures.html#threadpoolexecutor
#pragma once

#include <heddle/futures/executor.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

namespace heddle::futures {

// A worker's initialiser failed: the pool takes no more work.
class BrokenThreadPool : public BrokenExecutor {
 public:
  using BrokenExecutor::BrokenExecutor;
};

// Options of a ThreadPoolExecutor.
class ThreadPoolOptions {
 public:
  // Threads are named PREFIX_0, PREFIX_1 …; default "ThreadPoolExecutor-K".
  ThreadPoolOptions& thread_name_prefix(std::string prefix) {
    prefix_ = std::move(prefix);
    return *this;
  }
  // function(args...) is called by each worker as it begins, with copies of the arguments. If it
  // throws, pending and later work fails with BrokenThreadPool.
  template <class F, class... Args>
    requires std::is_invocable_v<std::decay_t<F>&, std::decay_t<Args>&...>
  ThreadPoolOptions& initializer(F&& function, Args&&... args) {
    class Stored final : public Initializer {
     public:
      explicit Stored(F&& f, Args&&... a)
          : function_(std::forward<F>(f)), arguments_(std::forward<Args>(a)...) {}
      void call() override {
        // Workers begin side by side, and each may use what it is given.
        std::decay_t<F> function = function_;
        std::tuple<std::decay_t<Args>...> arguments = arguments_;
        std::apply(function, arguments);
      }

     private:
      std::decay_t<F> function_;
      std::tuple<std::decay_t<Args>...> arguments_;
    };
    initializer_ = std::make_shared<Stored>(std::forward<F>(function), std::forward<Args>(args)...);
    return *this;
  }
  // The longest that an idle worker looks for work before it sleeps. Default: 20 us, or the
  // microseconds in HEDDLE_SPIN_US; 0 on one CPU. Only one worker looks at a time, only while there
  // is a CPU for it, and only as long as that brings something; an idle pool burns nothing. Not in
  // Python.
  ThreadPoolOptions& spin(Delay longest) {
    spin_ = longest;
    return *this;
  }
  // At most so many jobs wait; submit() by another thread than the pool's own waits for room then,
  // and throws what it throws after shutdown() when that comes first. Default, as in Python: no
  // limit, so that a producer faster than the pool fills the memory. See also
  // MapOptions::buffersize.
  ThreadPoolOptions& queue_limit(std::uint32_t jobs) {
    queue_limit_ = jobs;
    return *this;
  }

  class Initializer {
   public:
    virtual ~Initializer() = default;
    virtual void call() = 0;
  };
  std::string prefix_;
  std::shared_ptr<Initializer> initializer_;
  std::optional<Delay> spin_;
  std::uint32_t queue_limit_ = 0;
};

class ThreadPoolExecutor final : public Executor {
 public:
  // At most min(32, CPUs + 4) threads, made as work comes in and no thread is idle.
  explicit ThreadPoolExecutor(ThreadPoolOptions options = {});
  // At most `max_workers` threads. Throws ValueError "max_workers must be greater than 0".
  explicit ThreadPoolExecutor(std::ptrdiff_t max_workers, ThreadPoolOptions options = {});
  ~ThreadPoolExecutor() override;

  // Throws RuntimeError "cannot schedule new futures after shutdown" (or "... after interpreter
  // shutdown", or "... after fork()" in a child of the process that has the threads),
  // BrokenThreadPool, and "can't start new thread" when not even one worker can be
  // made.
  void schedule(JobRef job) override;
  void shutdown(ShutdownOptions options = {}) override;

  struct Pool;

 private:
  std::shared_ptr<Pool> pool_;
};

}  // namespace heddle::futures
