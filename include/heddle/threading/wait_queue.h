// WaitQueue: the line in which threads wait, first come, first woken. Condition, Semaphore and
// Barrier stand on it, and so can what you write yourself:
//
//     bool Gate::pass(Delay timeout) {                    // waits until open() lets one through
//       threading::WaitQueue::Waiter me;
//       {
//         std::lock_guard held(line_);                    // guards the line and the state beside
//         it line_.push_back(me);
//       }
//       return line_.wait(me, timeout) != 0;              // 0: time is up, and `me` has left
//     }
//     void Gate::open() {
//       threading::WaitQueue::Woken woken;
//       {
//         std::lock_guard held(line_);
//         line_.take(woken, 1);
//       }
//       woken.wake();                                     // outside of the lock
//     }
//
// Each waiting thread sleeps on a word of its own, so a wake-up reaches exactly the thread it is
// meant for; it first spins for a bounded time where that has paid (HEDDLE_SPIN_US). A thread is
// either taken or leaves by its deadline, never both: no wake-up is lost. Two words, constant-
// initialised and trivially destroyed. In a child of fork() the line is empty and its lock free.
#pragma once

#include <heddle/core/delay.h>

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace heddle::threading {

class WaitQueue {
 public:
  // The place of one thread; lives on its stack.
  class Waiter {
   public:
    constexpr Waiter() noexcept = default;
    Waiter(const Waiter&) = delete;  // the line points at it
    Waiter& operator=(const Waiter&) = delete;

   private:
    friend class WaitQueue;
    std::atomic<std::uint32_t> outcome_{0};  // what wake() brings; 0 while waiting
    bool queued_ = false;                    // guarded by the line's lock
    Waiter* next_ = nullptr;                 // in the line a ring, in Woken a chain
    Waiter* previous_ = nullptr;
  };

  // Threads that were taken out of a line and must be woken: they wait for nothing else any more.
  class Woken {
   public:
    Woken() noexcept = default;
    Woken(const Woken&) = delete;
    Woken& operator=(const Woken&) = delete;
    ~Woken() { wake(); }

    bool empty() const noexcept { return first_ == nullptr; }
    // Wakes them in the order in which they came. outcome: what their wait() returns, not 0.
    void wake(std::uint32_t outcome = 1) noexcept;

   private:
    friend class WaitQueue;
    Waiter* first_ = nullptr;
    Waiter* last_ = nullptr;
  };

  constexpr WaitQueue() noexcept = default;
  WaitQueue(const WaitQueue&) = delete;
  WaitQueue& operator=(const WaitQueue&) = delete;

  // The lock of the line: for a few instructions, never while waiting or in a user's code.
  void lock() noexcept;
  void unlock() noexcept;

  // REQUIRES of these: the lock is held.
  bool empty() const noexcept { return first_ == nullptr; }
  void push_back(Waiter& waiter) noexcept;
  // Before all others: for a thread that was woken, found nothing and keeps its turn.
  void push_front(Waiter& waiter) noexcept;
  // Moves the first `count` waiters to `woken`. Returns how many there were.
  std::size_t take(Woken& woken, std::size_t count = SIZE_MAX) noexcept;
  // Takes one out, wherever it stands: false when somebody has taken it already, who will wake it.
  bool remove(Waiter& waiter) noexcept;

  // Blocks until somebody took `waiter` and woke it: the outcome; the waiter may be used again. At
  // the deadline it leaves the line: 0.
  // REQUIRES: the lock is not held, and the calling thread has put `waiter` into this line.
  std::uint32_t wait(Waiter& waiter) noexcept { return wait_until(waiter, time_max); }
  std::uint32_t wait(Waiter& waiter, Delay timeout) noexcept;
  // deadline: of the monotonic clock; time_max: never.
  std::uint32_t wait_until(Waiter& waiter, Nanoseconds deadline) noexcept;
  // As wait_until(), but stays in line at the deadline: for those who have more to do under the
  // lock before they remove() it.
  std::uint32_t sleep_until(Waiter& waiter, Nanoseconds deadline) noexcept;

 private:
  void insert_last(Waiter& waiter) noexcept;
  void unlink(Waiter& waiter) noexcept;
  void lock_slowly(std::uint32_t generation) noexcept;
  void empty_after_fork(std::uint32_t former, std::uint32_t generation) noexcept;

  std::atomic<std::uint32_t> word_{0};
  Waiter* first_ = nullptr;
};

}  // namespace heddle::threading
