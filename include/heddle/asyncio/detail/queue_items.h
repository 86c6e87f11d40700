// Where the items of each kind of asyncio queue are. A pop() that throws leaves the item in.
#pragma once

#include <algorithm>
#include <cstddef>
#include <deque>
#include <utility>
#include <vector>

namespace heddle::asyncio::detail {

template <class T>
class FifoItems {
 public:
  void push(T&& item) { items_.push_back(std::move(item)); }
  T pop() {
    T item = std::move(items_.front());
    items_.pop_front();
    return item;
  }
  void clear() noexcept { items_.clear(); }

 private:
  std::deque<T> items_;
};

template <class T>
class LifoItems {
 public:
  void push(T&& item) { items_.push_back(std::move(item)); }
  T pop() {
    T item = std::move(items_.back());
    items_.pop_back();
    return item;
  }
  void clear() noexcept { items_.clear(); }

 private:
  std::vector<T> items_;
};

// The smallest first, by operator<.
template <class T>
class PriorityItems {
 public:
  // Its place is found before anything moves: an item that cannot be compared is not put.
  void push(T&& item) {
    items_.push_back(std::move(item));
    std::size_t at = items_.size() - 1;
    std::size_t place = at;
    try {
      while (place > 0 && items_[at] < items_[parent_of(place)]) place = parent_of(place);
    } catch (...) {
      items_.pop_back();
      throw;
    }
    for (; at != place; at = parent_of(at)) std::swap(items_[at], items_[parent_of(at)]);
  }
  T pop() {
    std::pop_heap(items_.begin(), items_.end(), later);
    T item = std::move(items_.back());
    items_.pop_back();
    return item;
  }
  void clear() noexcept { items_.clear(); }

 private:
  static std::size_t parent_of(std::size_t place) noexcept { return (place - 1) / 2; }
  static bool later(const T& a, const T& b) { return b < a; }
  std::vector<T> items_;
};

}  // namespace heddle::asyncio::detail
