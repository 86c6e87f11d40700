// Inbox: what other threads hand to a loop.
//
// A stack of handles that any thread pushes on and the loop takes off as a whole.
//
//     head_      means                              changed by
//     null       empty, the loop may sleep          the loop, when it takes all
//     a handle   posted, a wake-up is on its way    any thread, when it pushes
//     closed     nothing is accepted any more       the loop, once
//
// The push that finds it empty wakes the loop; the loop takes after it was woken, so no post is
// missed.
#pragma once

#include <heddle/asyncio/handle.h>

#include <atomic>

namespace heddle::asyncio::detail {

class Inbox {
 public:
  enum class Pushed { first, more, refused };

  // Takes over one reference on success. Thread-safe.
  Pushed push(HandleCore& handle) noexcept;
  // The posted handles in the order of their posts, linked by next_posted. The loop only.
  HandleCore* take() noexcept;
  // Refuses what comes later, and returns what came before.
  HandleCore* close() noexcept;
  bool empty() const noexcept {
    // acquire is not needed to decide whether to look: take() synchronises.
    return head_.load(std::memory_order_relaxed) == nullptr;
  }

 private:
  static HandleCore* in_order(HandleCore* newest) noexcept;
  static HandleCore* closed_mark() noexcept { return reinterpret_cast<HandleCore*>(1); }

  std::atomic<HandleCore*> head_{nullptr};
};

}  // namespace heddle::asyncio::detail
