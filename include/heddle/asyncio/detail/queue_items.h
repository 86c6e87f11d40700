// Where the items of each kind of asyncio queue are. A pop() that throws leaves the item in.
#pragma once

#include <algorithm>
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
  void push(T&& item) {
    items_.push_back(std::move(item));
    std::push_heap(items_.begin(), items_.end(), later);
  }
  T pop() {
    std::pop_heap(items_.begin(), items_.end(), later);
    T item = std::move(items_.back());
    items_.pop_back();
    return item;
  }
  void clear() noexcept { items_.clear(); }

 private:
  static bool later(const T& a, const T& b) { return b < a; }
  std::vector<T> items_;
};

}  // namespace heddle::asyncio::detail
