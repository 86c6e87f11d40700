#include "asyncio/inbox.h"

#include <thread>
#include <utility>

#include "core/kernel.h"

namespace heddle::asyncio::detail {

Inbox::Pushed Inbox::push(HandleCore& handle) noexcept {
  // acquire: who finds it closed sees what the loop did before it closed it.
  HandleCore* head = head_.load(std::memory_order_acquire);
  bool counted = false;
  while (head != closed_mark()) {
    if (head == asleep_mark() && !std::exchange(counted, true)) {
      // Before the push, so that a close() which sees the handle sees this too.
      waking_.fetch_add(1, std::memory_order_relaxed);
    }
    handle.next_posted = head == asleep_mark() ? nullptr : head;
    // release: the loop must see the handle as this thread made it.
    if (!head_.compare_exchange_weak(head, &handle, std::memory_order_release,
                                     std::memory_order_acquire))
      continue;
    if (head == asleep_mark()) return Pushed::to_sleeper;
    if (counted) woken();
    return Pushed::quietly;
  }
  if (counted) woken();
  return Pushed::refused;
}

HandleCore* Inbox::take() noexcept {
  if (empty()) return nullptr;
  HandleCore* head = head_.load(std::memory_order_relaxed);
  if (head == closed_mark()) return nullptr;
  // acquire: pairs with the pushes. Only the loop closes and falls asleep, so no mark can have
  // appeared in between.
  return in_order(head_.exchange(nullptr, std::memory_order_acquire));
}

bool Inbox::fall_asleep() noexcept {
  HandleCore* expected = nullptr;
  return head_.compare_exchange_strong(expected, asleep_mark(), std::memory_order_relaxed);
}

void Inbox::wake_up() noexcept {
  HandleCore* expected = asleep_mark();  // otherwise a post has replaced it
  head_.compare_exchange_strong(expected, nullptr, std::memory_order_relaxed);
}

HandleCore* Inbox::close() noexcept {
  HandleCore* head = head_.exchange(closed_mark(), std::memory_order_acq_rel);
  // In a child of fork() there are no others: who was about to wake it goes on in the parent.
  while (waking_.load(std::memory_order_acquire) != 0 && generation_ == core::fork_generation()) {
    core::Kernel::scheduling_point("loop.close");
    std::this_thread::yield();
  }
  return head == closed_mark() || head == asleep_mark() ? nullptr : in_order(head);
}

HandleCore* Inbox::in_order(HandleCore* newest) noexcept {
  HandleCore* ordered = nullptr;
  while (newest != nullptr) {
    HandleCore* older = std::exchange(newest->next_posted, ordered);
    ordered = newest;
    newest = older;
  }
  return ordered;
}

}  // namespace heddle::asyncio::detail
