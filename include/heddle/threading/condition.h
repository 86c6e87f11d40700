// Condition: threads wait, holding a lock, until another thread says that something has changed.
//
//     threading::Condition changed;
//     {
//       threading::LockGuard held(changed);
//       changed.wait_for([&] { return !items.empty(); });
//     }
//     ...
//     threading::LockGuard held(changed);
//     items.push_back(item);
//     changed.notify();
//
// Stands on a lock of its own (an RLock) or on one that several conditions share. Waiters are woken
// in the order in which they came. A wake-up is never lost to a waiter whose time is up. Trivially
// destroyed. Thread-safe. Source:
// https://docs.python.org/3/library/threading.html#condition-objects
#pragma once

#include <heddle/threading/lock_guard.h>
#include <heddle/threading/rlock.h>
#include <heddle/threading/wait_queue.h>

#include <utility>

namespace heddle::threading {

class Condition {
 public:
  // With an RLock of its own.
  Condition() noexcept : rlock_(&own_) {}
  // With the caller's lock, which must outlive the condition.
  explicit Condition(Lock& lock) noexcept : lock_(&lock) {}
  explicit Condition(RLock& lock) noexcept : rlock_(&lock) {}
  Condition(const Condition&) = delete;  // waiting threads point at it
  Condition& operator=(const Condition&) = delete;

  // The lock's own: see Lock and RLock.
  bool acquire(bool blocking = true) noexcept;
  bool acquire(bool blocking, Delay timeout);
  bool acquire(Delay timeout) { return acquire(true, timeout); }
  void release();
  bool locked() const noexcept;
  void lock() noexcept { acquire(); }
  bool try_lock() noexcept { return acquire(false); }
  void unlock() noexcept;

  // Gives up the lock, at any depth, waits for notify(), and takes the lock again: true. A wake-up
  // may be spurious: look again at what you wait for. Throws RuntimeError "cannot wait on
  // un-acquired lock".
  bool wait() { return wait_until(time_max); }
  // As wait(), for at most `timeout` (negative: as 0): false when it passed. The lock is held again
  // in either case, which may take longer.
  bool wait(Delay timeout);

  // Waits until predicate(), called with the lock held, is true. Returns its last value.
  template <class Predicate>
  auto wait_for(Predicate predicate) {
    auto result = predicate();
    while (!result) {
      wait();
      result = predicate();
    }
    return result;
  }
  // As wait_for(), for at most `timeout` in all; the value is a false one then.
  template <class Predicate>
  auto wait_for(Predicate predicate, Delay timeout) {
    const Nanoseconds deadline = deadline_after(timeout);
    auto result = predicate();
    while (!result && wait_until(deadline)) result = predicate();
    if (!result) result = predicate();
    return result;
  }

  // Wakes up to n waiters, those that came first; they go on once the lock is free. Throws
  // RuntimeError "cannot notify on un-acquired lock".
  void notify(std::size_t n = 1);
  void notify_all() { notify(SIZE_MAX); }

 private:
  static Nanoseconds deadline_after(Delay timeout) noexcept;
  bool wait_until(Nanoseconds deadline);
  bool owned() const noexcept;

  WaitQueue waiters_;
  Lock* lock_ = nullptr;    // the one it stands on: this
  RLock* rlock_ = nullptr;  // or this
  RLock own_;
};

}  // namespace heddle::threading
