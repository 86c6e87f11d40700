// ThreadCore: the state behind Thread handles, and the registry of the threads that are alive.
#pragma once

#include <heddle/threading/lock.h>
#include <heddle/threading/thread.h>
#include <pthread.h>

#include <atomic>
#include <mutex>

namespace heddle::threading {

// The life of a thread, as `phase` tells it:
//
//     unstarted -> starting (start() was called) -> running (ident is set) -> finished (run() has
//     returned)
//
// A thread that could not be made goes back to unstarted.
class ThreadCore : public std::enable_shared_from_this<ThreadCore> {
 public:
  enum Phase : std::uint32_t { unstarted, starting, running, finished };

  ThreadCore(std::string name, bool daemon) : daemon_(daemon), name_(std::move(name)) {}
  ~ThreadCore();

  void start(Thread* subclass);
  void join(Nanoseconds limit);
  bool alive() const noexcept {
    std::uint32_t phase = phase_.load(std::memory_order_acquire);
    return phase == running || phase == starting;
  }
  void become_current(Phase phase);  // fills in the ids of the calling thread
  void finish() noexcept;

  std::string name() const;
  void set_name(std::string name);

  std::atomic<std::uint32_t> phase_{unstarted};
  std::atomic<std::uint64_t> ident_{0};
  std::atomic<int> native_id_{0};
  std::atomic<bool> daemon_;
  bool foreign_ = false;
  std::unique_ptr<Thread::Target> target_;
  std::atomic<Thread*> subclass_{nullptr};  // the object whose run() is under way

  static std::shared_ptr<ThreadCore> current();

 private:
  static void* entry(void* self) noexcept;
  void run_guarded() noexcept;
  void report(std::exception_ptr exception) noexcept;

  mutable Lock mutex_;  // of name_, handle_ and joined_
  std::string name_;
  pthread_t handle_{};
  bool has_handle_ = false;
  bool joined_ = false;
};

// The threads that are alive. Never destroyed.
class Registry {
 public:
  static Registry& get();

  void add(std::shared_ptr<ThreadCore> thread);
  void remove(const ThreadCore& thread) noexcept;
  std::vector<std::shared_ptr<ThreadCore>> alive() const;
  std::shared_ptr<ThreadCore> next_to_join()
      const;  // a non-daemon thread other than the caller's and main
  std::string next_name(const char* kind);
  const std::shared_ptr<ThreadCore>& main() const noexcept { return main_; }

 private:
  Registry();

  mutable Lock mutex_;
  std::vector<std::shared_ptr<ThreadCore>> threads_;
  std::shared_ptr<ThreadCore> main_;
  std::uint64_t threads_named_ = 0;
  std::uint64_t dummies_named_ = 0;
};

}  // namespace heddle::threading
