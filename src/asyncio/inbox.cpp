#include "asyncio/inbox.h"

#include <utility>

namespace heddle::asyncio::detail {

Inbox::Pushed Inbox::push(HandleCore& handle) noexcept {
  HandleCore* head = head_.load(std::memory_order_relaxed);
  do {
    if (head == closed_mark()) return Pushed::refused;
    handle.next_posted = head;
    // release: the loop must see the handle as this thread made it.
  } while (!head_.compare_exchange_weak(head, &handle, std::memory_order_release,
                                        std::memory_order_relaxed));
  return head == nullptr ? Pushed::first : Pushed::more;
}

HandleCore* Inbox::take() noexcept {
  if (empty()) return nullptr;
  HandleCore* head = head_.load(std::memory_order_relaxed);
  if (head == closed_mark()) return nullptr;
  // acquire: pairs with the pushes. Only the loop closes, so the mark cannot have appeared in
  // between.
  return in_order(head_.exchange(nullptr, std::memory_order_acquire));
}

HandleCore* Inbox::close() noexcept {
  HandleCore* head = head_.exchange(closed_mark(), std::memory_order_acquire);
  return head == closed_mark() ? nullptr : in_order(head);
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
