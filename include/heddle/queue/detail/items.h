// Where the items of each kind of queue lie. An item whose move or comparison throws stays where it
// is: nothing is lost, neither this one nor another.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>
#include <vector>

namespace heddle::queue::detail {

// First in, first out. A chain of chunks: putters write at its end while getters read at its
// beginning, each side on its own, and no item is ever moved within. The sides meet nowhere but in
// the position of the other one, which they read before they come here, and in the spare chunk.
template <class T>
class FifoItems {
 public:
  FifoItems() noexcept = default;
  FifoItems(const FifoItems&) = delete;
  FifoItems& operator=(const FifoItems&) = delete;
  ~FifoItems() {
    delete spare_.load(std::memory_order_relaxed);
    if (head_ == nullptr) std::swap(head_, first_);
    while (head_ != nullptr) {
      std::size_t end = head_ == tail_ ? tail_used_ : Chunk::capacity;
      while (head_used_ < end) std::destroy_at(head_->slot(head_used_++));
      head_used_ = 0;
      delete std::exchange(head_, head_->next);
    }
  }

  // Putters, one at a time.
  void push(T&& item) {
    if (tail_ == nullptr || tail_used_ == Chunk::capacity) append_chunk();
    std::construct_at(tail_->slot(tail_used_), std::move(item));
    ++tail_used_;
  }

  // Getters, one at a time. REQUIRES: it is not empty.
  T& front() noexcept {
    if (head_ == nullptr) head_ = first_;
    if (head_used_ == Chunk::capacity) drop_chunk();
    return *head_->slot(head_used_);
  }
  void pop() noexcept { std::destroy_at(head_->slot(head_used_++)); }

  // What all items can be moved to, to die there. Nobody else may be here.
  using Bag = FifoItems;
  void empty_into(Bag& other) noexcept {
    std::swap(first_, other.first_);
    std::swap(tail_, other.tail_);
    std::swap(tail_used_, other.tail_used_);
    std::swap(head_, other.head_);
    std::swap(head_used_, other.head_used_);
  }

 private:
  struct Chunk {
    static constexpr std::size_t capacity =
        std::clamp<std::size_t>(2048 / sizeof(T), std::size_t{8}, std::size_t{256});

    T* slot(std::size_t index) noexcept {
      return std::launder(reinterpret_cast<T*>(bytes + index * sizeof(T)));
    }

    Chunk* next = nullptr;
    alignas(T) std::byte bytes[capacity * sizeof(T)];
  };

  void append_chunk() {
    // acquire and release: with the spare chunk comes that its last reader is done with it.
    Chunk* chunk = spare_.exchange(nullptr, std::memory_order_acquire);
    if (chunk == nullptr) chunk = new Chunk;
    chunk->next = nullptr;
    (tail_ == nullptr ? first_ : tail_->next) = chunk;
    tail_ = chunk;
    tail_used_ = 0;
  }
  void drop_chunk() noexcept {
    Chunk* old = std::exchange(head_, head_->next);
    head_used_ = 0;
    delete spare_.exchange(old, std::memory_order_acq_rel);
  }

  // The putters' side.
  Chunk* first_ = nullptr;  // where the chain began; written once
  Chunk* tail_ = nullptr;
  std::size_t tail_used_ = 0;
  // The getters' side, in a cache line of its own.
  alignas(64) Chunk* head_ = nullptr;  // null until the first look
  std::size_t head_used_ = 0;
  // Both.
  alignas(64) std::atomic<Chunk*> spare_{nullptr};
};

// An item in a container that moves its elements about: by itself if its moves cannot throw, behind
// a pointer otherwise.
template <class T>
class Cell {
 public:
  explicit Cell(T&& item) : item_(std::move(item)) {}
  T& operator*() noexcept { return item_; }

 private:
  T item_;
};

template <class T>
  requires(!std::is_nothrow_move_constructible_v<T> || !std::is_nothrow_move_assignable_v<T>)
class Cell<T> {
 public:
  explicit Cell(T&& item) : item_(std::make_unique<T>(std::move(item))) {}
  T& operator*() noexcept { return *item_; }

 private:
  std::unique_ptr<T> item_;
};

// Last in, first out.
template <class T>
class LifoItems {
 public:
  void push(T&& item) { items_.emplace_back(std::move(item)); }
  T& front() noexcept { return *items_.back(); }
  void pop() noexcept { items_.pop_back(); }

  using Bag = std::vector<Cell<T>>;
  void empty_into(Bag& bag) noexcept { items_.swap(bag); }

 private:
  std::vector<Cell<T>> items_;
};

// The first by Compare comes out first: a binary heap. It decides before it moves: all comparisons,
// which may throw, come first; then the item is stored; what follows cannot throw.
template <class T, class Compare>
class PriorityItems {
 public:
  explicit PriorityItems(Compare compare = Compare()) : compare_(std::move(compare)) {}

  void push(T&& item) {
    std::size_t place = items_.size();
    while (place > 0 && compare_(item, *items_[parent(place)])) place = parent(place);
    items_.emplace_back(std::move(item));
    // Down the path that was just gone up.
    Cell<T> added = std::move(items_.back());
    std::size_t hole = items_.size() - 1;
    for (; hole != place; hole = parent(hole)) items_[hole] = std::move(items_[parent(hole)]);
    items_[hole] = std::move(added);
  }

  // The comparisons of pop() are made here. May throw; then nothing has changed.
  T& front() {
    path_length_ = 0;
    std::size_t last = items_.size() - 1, hole = 0;
    for (;;) {
      std::size_t child = 2 * hole + 1;
      if (child >= last) break;  // the last one leaves its place
      if (child + 1 < last && compare_(*items_[child + 1], *items_[child])) ++child;
      if (!compare_(*items_[child], *items_[last])) break;
      path_[path_length_++] = hole = child;
    }
    return *items_.front();
  }
  // REQUIRES: front() was called.
  void pop() noexcept {
    std::size_t hole = 0;
    for (int i = 0; i < path_length_; hole = path_[i++]) items_[hole] = std::move(items_[path_[i]]);
    if (hole + 1 != items_.size()) items_[hole] = std::move(items_.back());
    items_.pop_back();
  }

  using Bag = std::vector<Cell<T>>;
  void empty_into(Bag& bag) noexcept { items_.swap(bag); }

 private:
  static std::size_t parent(std::size_t index) noexcept { return (index - 1) / 2; }

  std::vector<Cell<T>> items_;
  [[no_unique_address]] Compare compare_;
  std::size_t path_[64] = {};  // a heap is not deeper than an index has bits
  int path_length_ = 0;
};

}  // namespace heddle::queue::detail
