// The iterator behind `for (T item : queue)`.
#pragma once

#include <cstddef>
#include <iterator>
#include <optional>
#include <utility>

namespace heddle::queue::detail {

// Has the item that it points at; the next one is taken by ++.
template <class Queue>
class Iterator {
 public:
  using value_type = typename Queue::value_type;
  using difference_type = std::ptrdiff_t;
  using iterator_concept = std::input_iterator_tag;

  explicit Iterator(Queue& queue) : queue_(&queue), item_(queue.next()) {}

  // To be moved from: `for (auto item : queue)` works with items that only move.
  value_type&& operator*() const noexcept { return std::move(*item_); }
  Iterator& operator++() {
    item_.reset();  // before waiting for another one
    item_ = queue_->next();
    return *this;
  }
  void operator++(int) { ++*this; }
  friend bool operator==(const Iterator& iterator, std::default_sentinel_t) noexcept {
    return !iterator.item_;
  }

 private:
  Queue* queue_;
  mutable std::optional<value_type> item_;
};

}  // namespace heddle::queue::detail
