// WaiterList: those who wait for one thing, in a list whose head is one word.
//
// There may be a million futures, and most are awaited by one or by nobody: so the list has no end,
// and the newest waiter is its first. They are told in the order in which they came, for which the
// list is turned round once. A signal handler on this thread may walk it at any moment.
#pragma once

#include <atomic>

namespace heddle::detail {

// A place in at most one list. Leaves it when it dies.
class WaiterPlace {
 public:
  WaiterPlace() = default;
  WaiterPlace(const WaiterPlace&) = delete;  // neighbours point at it
  WaiterPlace& operator=(const WaiterPlace&) = delete;
  ~WaiterPlace() { unlink(); }

  // Leaves its list; nothing happens when it is in none.
  void unlink() noexcept {
    if (at_ == nullptr) return;
    *at_ = older_;
    if (older_ != nullptr) older_->at_ = at_;
    at_ = nullptr;
  }

 private:
  template <class>
  friend class WaiterList;

  WaiterPlace* older_ = nullptr;
  WaiterPlace** at_ = nullptr;  // what points here; null: in no list
};

// T derives from WaiterPlace. The list owns nothing and must be empty, or forgotten, when it dies.
template <class T>
class WaiterList {
 public:
  bool empty() const noexcept { return newest_ == nullptr; }
  bool has_one() const noexcept { return !empty() && newest_->older_ == nullptr; }

  // REQUIRES: it is in no list.
  void add(T& waiter) noexcept {
    WaiterPlace& place = waiter;
    place.older_ = newest_;
    place.at_ = &newest_;
    if (newest_ != nullptr) newest_->at_ = &place.older_;
    // A reader that comes by it finds the others.
    std::atomic_signal_fence(std::memory_order_release);
    newest_ = &place;
  }

  // Null when there is none.
  T* newest() const noexcept { return static_cast<T*>(newest_); }
  // The one that came before `waiter`; null when it is the oldest.
  static T* before(T& waiter) noexcept {
    return static_cast<T*>(static_cast<WaiterPlace&>(waiter).older_);
  }

  // Takes the newest out. REQUIRES: !empty()
  T& pop_newest() noexcept {
    WaiterPlace* taken = newest_;
    newest_ = taken->older_;
    if (newest_ != nullptr) newest_->at_ = &newest_;
    taken->at_ = nullptr;
    return *static_cast<T*>(taken);
  }

  // Moves all over to a list in which the oldest is the newest.
  void move_turned_to(WaiterList& other) noexcept {
    while (!empty()) other.add(pop_newest());
  }

 private:
  WaiterPlace* newest_ = nullptr;
};

}  // namespace heddle::detail
