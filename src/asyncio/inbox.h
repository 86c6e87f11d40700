// Inbox: what other threads hand to a loop.
//
// A stack of handles that any thread pushes on and the loop takes off as a whole.
//
//     head_      means                                    changed by
//     null       empty, the loop is awake and will look   the loop, when it takes all or wakes up
//     asleep     empty, the loop sleeps                   the loop, before it sleeps
//     a handle   posted                                   any thread, when it pushes
//     closed     nothing is accepted any more             the loop, once
//
// Who replaces `asleep` wakes the loop, and nobody else has to: the kernel is entered once for each
// sleep, not for each post. The loop falls asleep only when the word is null, so no post is missed.
#pragma once

#include <heddle/asyncio/handle.h>

#include <atomic>
#include <cstdint>

#include "core/fork.h"

namespace heddle::asyncio::detail {

class Inbox {
 public:
  enum class Pushed { quietly, to_sleeper, refused };

  // Takes over one reference on success. After `to_sleeper` the caller wakes the loop, then calls
  // woken(). Thread-safe.
  Pushed push(HandleCore& handle) noexcept;
  void woken() noexcept { waking_.fetch_sub(1, std::memory_order_release); }

  // The posted handles in the order of their posts, linked by next_posted. The loop only.
  HandleCore* take() noexcept;
  // From now on a post wakes the loop. False when there is one already. The loop only.
  bool fall_asleep() noexcept;
  void wake_up() noexcept;
  // Refuses what comes later, and returns what came before. When it returns, nobody is about to
  // wake the loop any more.
  HandleCore* close() noexcept;
  bool empty() const noexcept { return bits() == 0; }
  // 0 when it is empty.
  std::uintptr_t bits() const noexcept {
    // acquire is not needed to decide whether to look: take() synchronises.
    return reinterpret_cast<std::uintptr_t>(head_.load(std::memory_order_relaxed)) &
           ~reinterpret_cast<std::uintptr_t>(asleep_mark());
  }

 private:
  static HandleCore* in_order(HandleCore* newest) noexcept;
  static HandleCore* closed_mark() noexcept { return reinterpret_cast<HandleCore*>(1); }
  static HandleCore* asleep_mark() noexcept { return reinterpret_cast<HandleCore*>(2); }

  // Alone in its cache line: other threads write it while the loop works.
  alignas(64) std::atomic<HandleCore*> head_{nullptr};
  std::atomic<std::uint32_t> waking_{0};  // threads between push() and woken()
  const std::uint32_t generation_ = core::fork_generation();
};

}  // namespace heddle::asyncio::detail
