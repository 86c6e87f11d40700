// asyncio::Condition: waits for a change of what a lock protects.
//
//     asyncio::Condition changed;
//     auto wait = [&]() -> asyncio::Coro<void> {
//       co_await changed.wait_for([&] { return !jobs.empty(); });
//       ...                                          // here the lock is held
//     };
//     co_await asyncio::with(changed, wait);
//
// One loop only; from other threads use call_soon_threadsafe().
// Source: https://docs.python.org/3/library/asyncio-sync.html#condition
#pragma once

#include <heddle/asyncio/lock.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <type_traits>

namespace heddle::asyncio {

class Condition {
 public:
  // With a lock of its own.
  Condition() : Condition(nullptr) {}
  // Several conditions may share a lock, which must outlive them; null: one of its own.
  explicit Condition(Lock* lock);
  Condition(const Condition&) = delete;  // parked tasks point at it
  Condition& operator=(const Condition&) = delete;

  // As those of the lock.
  Lock::Acquire acquire() noexcept { return lock_->acquire(); }
  Lock::Hold hold() noexcept { return lock_->hold(); }
  void release() { lock_->release(); }
  bool locked() const noexcept { return lock_->locked(); }

  // Releases the lock, waits for a notification, and takes the lock again; gives true. May return
  // without a notification: wait in a loop, or with wait_for(). Throws RuntimeError "cannot wait on
  // un-acquired lock". Cancelled: takes the lock again first, whatever else happens, and then
  // throws CancelledError; a notification that it had goes to another waiter.
  Coro<bool> wait();

  // Waits until predicate() gives what counts as true, and gives that. Called with the lock held.
  // Throws and is cancelled as wait(); throws what the predicate throws.
  template <class P>
  Coro<std::decay_t<std::invoke_result_t<P&>>> wait_for(P predicate) {
    while (true) {
      auto result = predicate();
      if (result) co_return result;
      co_await wait();
    }
  }

  // Wakes the n tasks that wait longest; they go on once they have the lock. Throws RuntimeError
  // "cannot notify on un-acquired lock".
  void notify(std::size_t n = 1);
  void notify_all();

  // For with().
  Coro<void> aenter() { return lock_->aenter(); }
  Coro<bool> aexit(std::exception_ptr failure) { return lock_->aexit(std::move(failure)); }
  bool exit(const std::exception_ptr& failure) { return lock_->exit(failure); }

 private:
  // Waits for a notification, and passes one on that it cannot use.
  class Notified final : public WaitList::Awaiter {
   public:
    explicit Notified(Condition& condition) noexcept
        : Awaiter(condition.waiters_, nullptr), condition_(condition) {}

   private:
    void hand_on() noexcept override { condition_.waiters_.wake_one(); }
    Condition& condition_;
  };

  Coro<void> acquire_at_last();

  std::unique_ptr<Lock> own_;
  Lock* lock_;
  WaitList waiters_;
};

}  // namespace heddle::asyncio
