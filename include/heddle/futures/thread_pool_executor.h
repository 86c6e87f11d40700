// ThreadPoolExecutor: runs work on a pool of threads.
//
//     futures::ThreadPoolExecutor pool(4);
//     auto page = pool.submit(download, "example.org");
//     for (int square : pool.map([](int n) { return n * n; }, numbers)) ...
//
// The destructor waits for all submitted work, as the end of Python's `with` does. At the end of
// the program the work that is queued is finished before anything is torn down. A job that waits
// for another job of the same full pool deadlocks. Source:
// https://docs.python.org/3/library/concurrent.futures.html#threadpoolexecutor
#pragma once

#include <heddle/futures/executor.h>

#include <memory>
#include <string>
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
  // Called by each worker as it begins. If it throws, pending and later work fails with
  // BrokenThreadPool.
  template <class F>
  ThreadPoolOptions& initializer(F function) {
    class Stored final : public Initializer {
     public:
      explicit Stored(F f) : function_(std::move(f)) {}
      void call() override { function_(); }

     private:
      F function_;
    };
    initializer_ = std::make_shared<Stored>(std::move(function));
    return *this;
  }

  class Initializer {
   public:
    virtual ~Initializer() = default;
    virtual void call() = 0;
  };
  std::string prefix_;
  std::shared_ptr<Initializer> initializer_;
};

class ThreadPoolExecutor final : public Executor {
 public:
  // At most min(32, CPUs + 4) threads, made as work comes in and no thread is idle.
  explicit ThreadPoolExecutor(ThreadPoolOptions options = {});
  // At most `max_workers` threads. Throws ValueError "max_workers must be greater than 0".
  explicit ThreadPoolExecutor(std::ptrdiff_t max_workers, ThreadPoolOptions options = {});
  ~ThreadPoolExecutor() override;

  // Throws RuntimeError "cannot schedule new futures after shutdown" (or "... after interpreter
  // shutdown"), BrokenThreadPool, and "can't start new thread" when not even one worker can be
  // made.
  void schedule(std::unique_ptr<Job> job) override;
  void shutdown(ShutdownOptions options = {}) override;

  struct Pool;

 private:
  std::shared_ptr<Pool> pool_;
};

}  // namespace heddle::futures
