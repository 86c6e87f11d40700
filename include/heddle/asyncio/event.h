// asyncio::Event: a flag that the tasks of one loop can wait for.
//
//     asyncio::Event ready;
//     auto worker = asyncio::create_task(serve(ready));  // does: co_await ready.wait();
//     ready.set();                                       // every waiter is scheduled
//
// One loop only; from other threads use call_soon_threadsafe().
// Source: https://docs.python.org/3/library/asyncio-sync.html#event
#pragma once

#include <heddle/asyncio/wait_list.h>

namespace heddle::asyncio {

class Event {
 public:
  Event() = default;
  Event(const Event&) = delete;  // parked tasks point at it
  Event& operator=(const Event&) = delete;

  // True from set() until clear().
  bool is_set() const noexcept { return set_; }

  // Raises the flag and schedules every waiter, in the order they began to wait.
  // None of them runs before set() returns.
  void set() {
    set_ = true;
    waiters_.wake_all();
  }

  // Lowers the flag. A waiter that set() already scheduled still gets through.
  void clear() noexcept { set_ = false; }

  // The wait for the flag; gives true.
  class [[nodiscard("co_await it")]] Wait final : public WaitList::Awaiter {
   public:
    using Awaiter::Awaiter;
    bool await_resume() {
      Awaiter::await_resume();
      return true;
    }
  };

  // Parks the task until the flag is up; does not suspend if it is up already. The await gives
  // true, also when the flag was lowered again meanwhile. Cancelled: leaves the list and throws
  // CancelledError; the others keep waiting.
  Wait wait() noexcept { return Wait(waiters_, &set_); }

 private:
  bool set_ = false;
  WaitList waiters_;  // empty whenever set_ is true
};

}  // namespace heddle::asyncio
