// ThreadCore: the state behind Thread handles, and the registry of the threads that are alive.
#pragma once

#include <heddle/threading/thread.h>
#include <heddle/threading/wait_queue.h>
#include <pthread.h>

#include <atomic>
#include <mutex>
#include <vector>

namespace heddle::threading {

// The one lock of all that this module keeps for the process: registry, names, hooks, the lists of
// local<T>. Held for a few instructions, never in a user's code; whole in a child of fork(). Of a
// WaitQueue only the lock is used: no thread can be held up between taking it and giving it up, so
// that it is no place of interest for tests that choose which thread goes first.
WaitQueue& process_lock() noexcept;

// The life of a thread, as `phase` tells it:
//
//     unstarted -> starting (start() was called) -> running (ident is set) -> finished (run() has
//     returned)
//
// A thread that could not be made goes back to unstarted. One that calls exit() is finished from
// then on, though it never returns.
class ThreadCore : public std::enable_shared_from_this<ThreadCore> {
 public:
  enum Phase : std::uint32_t { unstarted, starting, running, finished };
  // Whether the system still has to be asked to forget the thread: not for those that were not made
  // here.
  enum Remains : std::uint32_t { joinable, being_joined, none };
  // Whether the thread's thread_locals are gone, and whether somebody sleeps until they are.
  enum Locals : std::uint32_t { alive_unwatched, alive_watched, gone };

  ThreadCore(std::string name, bool daemon) : daemon_(daemon), name_(std::move(name)) {}
  ~ThreadCore();

  void start(Thread* subclass);
  void join(Nanoseconds limit);
  bool alive() const noexcept {
    std::uint32_t phase = phase_.load(std::memory_order_acquire);
    return phase == running || phase == starting;
  }
  void become_current() noexcept;  // fills in the ids of the calling thread
  void finish() noexcept;
  // As finish(), for a thread that goes on in exit() or is gone without having ended: nobody may
  // wait for it.
  void finish_without_end() noexcept;
  // Nothing of the thread is left to wait for.
  void end_waits() noexcept;

  std::string name() const;
  void set_name(std::string name);

  // Orders of these: phase_ is stored with release once all before it is done (the ids when
  // running, the thread's work when finished) and loaded with acquire by whoever relies on it; the
  // others may be asked at any time, each for itself, and are left at the default.
  std::atomic<std::uint32_t> phase_{unstarted};
  std::atomic<std::uint32_t> remains_{none};
  std::atomic<std::uint32_t> locals_{alive_unwatched};
  std::atomic<std::uint64_t> ident_{0};
  std::atomic<int> native_id_{0};
  std::atomic<bool> daemon_;
  bool foreign_ = false;
  std::unique_ptr<Thread::Target> target_;
  Context context_;
  std::size_t stack_bytes_ = 0;
  bool only_target_ = false;                // a subclass of the library's: run() calls the target
  std::atomic<Thread*> subclass_{nullptr};  // the object whose run() is under way

  static std::shared_ptr<ThreadCore> current();
  // The calling thread's, if it has one by now.
  static ThreadCore* known() noexcept;

 private:
  static void* entry(void* self) noexcept;
  static void end(void* self) noexcept;
  int create();
  void undo_start() noexcept;
  bool wait_for_locals(Nanoseconds deadline) noexcept;
  void run_guarded() noexcept;
  void tell_system_the_name() const noexcept;

  std::string name_;                  // guarded by process_lock()
  pthread_t handle_{};                // written by the thread itself; 0 before
  std::shared_ptr<ThreadCore> self_;  // while the thread runs
  bool has_ended_ = false;            // entry() came to its end; touched by the thread only
};

// The threads that are alive. Never destroyed.
class Registry {
 public:
  static Registry& get();

  // False when the program has come so far in its end that no thread may be added.
  bool add(std::shared_ptr<ThreadCore> thread);
  void remove(const ThreadCore& thread) noexcept;
  std::vector<std::shared_ptr<ThreadCore>> alive() const;
  // A non-daemon thread that is alive. When there is none, no thread can be added any more.
  std::shared_ptr<ThreadCore> next_to_join() noexcept;
  // kind and a number that no name had before, from 1.
  std::string next_name(const char* kind);
  std::shared_ptr<ThreadCore> main() const;
  // The caller is the only thread there is, and the main one.
  void become_single() noexcept;

 private:
  Registry();

  std::vector<std::shared_ptr<ThreadCore>> threads_;
  std::shared_ptr<ThreadCore> main_;
  bool closed_ = false;
  std::uint64_t threads_named_ = 0;
  std::uint64_t dummies_named_ = 0;
};

}  // namespace heddle::threading
