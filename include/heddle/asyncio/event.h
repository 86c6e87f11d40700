// asyncio::Event: a flag that the tasks of one loop can wait for.
//
//     asyncio::Event ready;
//     auto worker = asyncio::create_task(serve(ready));  // does: co_await ready.wait();
//     ready.set();                                       // every waiter is scheduled
//
// One loop only; from other threads use call_soon_threadsafe().
// Differs from Python: wait() returns nothing, as it could only ever return True.
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
  void set() noexcept {
    set_ = true;
    waiters_.wake_all();
  }

  // Lowers the flag. A waiter that set() already scheduled still gets through.
  void clear() noexcept { set_ = false; }

  // Parks the task until the flag is up; does not suspend if it is up already.
  // Cancelled: leaves the list and throws CancelledError; the others keep waiting.
  [[nodiscard("co_await it")]] WaitList::Awaiter wait() noexcept { return waiters_.wait(set_); }

 private:
  bool set_ = false;
  WaitList waiters_;  // empty whenever set_ is true
};

}  // namespace heddle::asyncio
