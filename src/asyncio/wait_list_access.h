// What joining a WaitList and being woken from it does, for the library to inline.
#pragma once

#include <heddle/asyncio/wait_list.h>

#include "asyncio/loop_core.h"

namespace heddle::asyncio {

struct detail::WaitListAccess {
  // False when the running task may not wait here.
  static bool admits(WaitList& list) noexcept {
    // None in a child of fork() that goes on in a task of the parent.
    LoopCore* loop = heddle::detail::thread_state.loop;
    if (loop == nullptr) return false;
    if (list.loop_ == loop->serial()) [[likely]]
      return true;
    if (list.loop_ != 0) return false;
    list.loop_ = loop->serial();
    return true;
  }
  [[noreturn]] static void refuse() { Parking::throw_refused(); }
  // Suspends the running task. REQUIRES: admits(list)
  static void join(WaitList& list, WaitList::Place& place, heddle::detail::Frame& frame) noexcept {
    list.waiters_.push_back(place);
    ParkingAccess::park(place, frame);
  }
  // Queues the task that waits longest; false when none waits.
  static bool wake_one(WaitList& list) { return !list.waiters_.empty() && wake_first(list); }
  static bool wake_first(WaitList& list) {
    LoopCore& loop = list.waiters_.front().task()->loop();
    if (loop.debug()) [[unlikely]]
      loop.require_own_thread();
    ParkingAccess::wake(list.waiters_.pop_front());
    return true;
  }
};

}  // namespace heddle::asyncio
