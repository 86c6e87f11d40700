// IntrusiveList<T>: a doubly linked list whose links live in the elements.
//
// Nothing is allocated, an element leaves in constant time knowing only itself, and an element that
// dies leaves by itself. Not thread-safe.
#pragma once

#include <atomic>

namespace heddle {

// A place in at most one list at a time. It does not leave by itself: whoever has one unlinks it
// before it dies.
class ListPlace {
 public:
  ListPlace() = default;
  ListPlace(const ListPlace&) = delete;  // neighbours point at it
  ListPlace& operator=(const ListPlace&) = delete;

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

  ListPlace* next_ = nullptr;  // null: in no list
  ListPlace* previous_ = nullptr;
};

// Base of the elements: leaves its list when it dies.
class ListLink : public ListPlace {
 public:
  ListLink() = default;
  ~ListLink() { unlink(); }
};

// First in, first out. T derives from ListLink or ListPlace. The list does not own its elements.
template <class T>
class IntrusiveList {
 public:
  IntrusiveList() noexcept { ends_.next_ = ends_.previous_ = &ends_; }
  IntrusiveList(const IntrusiveList&) = delete;
  IntrusiveList& operator=(const IntrusiveList&) = delete;
  // Elements that are still in the list stay alive and become unlinked.
  ~IntrusiveList() {
    if (!empty()) [[unlikely]]
      unlink_all();
  }

  bool empty() const noexcept { return ends_.next_ == &ends_; }

  bool has_one() const noexcept { return !empty() && ends_.next_ == ends_.previous_; }

  // REQUIRES: !empty()
  T& front() noexcept { return *static_cast<T*>(ends_.next_); }

  // Takes the first element out. REQUIRES: !empty()
  T& pop_front() noexcept {
    ListPlace* first = ends_.next_;
    ListPlace* second = first->next_;
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
    ListPlace* link = static_cast<ListPlace&>(element).next_;
    return link == &ends_ ? nullptr : static_cast<T*>(link);
  }
  T* first() noexcept { return empty() ? nullptr : &front(); }

  // Takes all elements of `other` in constant time. REQUIRES: empty() && !other.empty()
  void take_over(IntrusiveList& other) noexcept {
    ListPlace* first = other.ends_.next_;
    ListPlace* last = other.ends_.previous_;
    other.ends_.next_ = other.ends_.previous_ = &other.ends_;
    first->previous_ = &ends_;
    last->next_ = &ends_;
    publish();
    ends_.next_ = first;
    ends_.previous_ = last;
  }

  // Moves all elements of `other` before (after) those of this list, in their order, in constant
  // time.
  void splice_front(IntrusiveList& other) noexcept { splice(*ends_.next_, other); }
  void splice_back(IntrusiveList& other) noexcept { splice(ends_, other); }

 private:
  [[gnu::noinline]] void unlink_all() noexcept {
    while (!empty()) pop_front();
  }
  static void insert_before(ListPlace& place, ListPlace& element) noexcept {
    element.next_ = &place;
    element.previous_ = place.previous_;
    publish();
    place.previous_->next_ = &element;
    place.previous_ = &element;
  }

  // A signal handler on this thread may walk the list from its first element at any moment: what it
  // reaches is linked onwards already.
  static void publish() noexcept { std::atomic_signal_fence(std::memory_order_release); }

  static void splice(ListPlace& place, IntrusiveList& other) noexcept {
    if (other.empty()) return;
    ListPlace* first = other.ends_.next_;
    ListPlace* last = other.ends_.previous_;
    other.ends_.next_ = other.ends_.previous_ = &other.ends_;
    first->previous_ = place.previous_;
    last->next_ = &place;
    publish();
    place.previous_->next_ = first;
    place.previous_ = last;
  }

  ListPlace ends_;  // next_ is the first element, previous_ the last
};

}  // namespace heddle
