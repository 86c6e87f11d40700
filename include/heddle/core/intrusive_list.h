// IntrusiveList<T>: a doubly linked list whose links live in the elements.
//
// Nothing is allocated, an element leaves in constant time knowing only itself, and an element that
// dies leaves by itself. Not thread-safe.
#pragma once

#include <atomic>

namespace heddle {

// Base of the elements. Linked in at most one list at a time.
class ListLink {
 public:
  ListLink() = default;
  ListLink(const ListLink&) = delete;  // neighbours point at it
  ListLink& operator=(const ListLink&) = delete;
  ~ListLink() { unlink(); }

  bool linked() const noexcept { return next_ != nullptr; }

  // Leaves its list; nothing happens when it is in none.
  void unlink() noexcept {
    if (next_ == nullptr) return;
    previous_->next_ = next_;
    next_->previous_ = previous_;
    std::atomic_signal_fence(std::memory_order_release);  // as publish() below
    next_ = nullptr;
  }

 private:
  template <class>
  friend class IntrusiveList;

  ListLink* next_ = nullptr;  // null: in no list
  ListLink* previous_ = nullptr;
};

// First in, first out. T derives from ListLink. The list does not own its elements.
template <class T>
class IntrusiveList {
 public:
  IntrusiveList() noexcept { ends_.next_ = ends_.previous_ = &ends_; }
  IntrusiveList(const IntrusiveList&) = delete;
  IntrusiveList& operator=(const IntrusiveList&) = delete;
  // Elements that are still in the list stay alive and become unlinked.
  ~IntrusiveList() {
    while (!empty()) pop_front();
    ends_.next_ = nullptr;
  }

  bool empty() const noexcept { return ends_.next_ == &ends_; }

  // REQUIRES: !empty()
  T& front() noexcept { return *static_cast<T*>(ends_.next_); }

  // Takes the first element out. REQUIRES: !empty()
  T& pop_front() noexcept {
    ListLink* first = ends_.next_;
    ListLink* second = first->next_;
    ends_.next_ = second;
    second->previous_ = &ends_;
    publish();
    first->next_ = nullptr;
    return *static_cast<T*>(first);
  }

  // REQUIRES: !element.linked()
  void push_back(T& element) noexcept { insert_before(ends_, element); }
  void push_front(T& element) noexcept { insert_before(*ends_.next_, element); }

  // The element after `element`, or null at the end.
  T* next(T& element) noexcept {
    ListLink* link = static_cast<ListLink&>(element).next_;
    return link == &ends_ ? nullptr : static_cast<T*>(link);
  }
  T* first() noexcept { return empty() ? nullptr : &front(); }

  // Moves all elements of `other` before (after) those of this list, in their order, in constant
  // time.
  void splice_front(IntrusiveList& other) noexcept { splice(*ends_.next_, other); }
  void splice_back(IntrusiveList& other) noexcept { splice(ends_, other); }

 private:
  static void insert_before(ListLink& place, ListLink& element) noexcept {
    element.next_ = &place;
    element.previous_ = place.previous_;
    publish();
    place.previous_->next_ = &element;
    place.previous_ = &element;
  }

  // A signal handler on this thread may walk the list from its first element at any moment: what it
  // reaches is linked onwards already.
  static void publish() noexcept { std::atomic_signal_fence(std::memory_order_release); }

  static void splice(ListLink& place, IntrusiveList& other) noexcept {
    if (other.empty()) return;
    ListLink* first = other.ends_.next_;
    ListLink* last = other.ends_.previous_;
    other.ends_.next_ = other.ends_.previous_ = &other.ends_;
    first->previous_ = place.previous_;
    last->next_ = &place;
    publish();
    place.previous_->next_ = first;
    place.previous_ = last;
  }

  ListLink ends_;  // next_ is the first element, previous_ the last
};

}  // namespace heddle
