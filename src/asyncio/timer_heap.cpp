#include "asyncio/timer_heap.h"

#include <algorithm>

namespace heddle::asyncio::detail {

void TimerNode::disarm() noexcept {
  if (armed()) heap_->remove(*this);
  unlink();
}

void TimerHeap::insert(TimerNode& node, Nanoseconds when) {
  Entry entry{when, sequence_, &node};
  entries_.push_back(entry);
  ++sequence_;
  node.heap_ = this;
  sift_up(entries_.size() - 1, entry);
}

void TimerHeap::remove(TimerNode& node) noexcept {
  std::size_t index = node.place_;
  node.place_ = TimerNode::not_armed;
  Entry last = entries_.back();
  entries_.pop_back();
  if (index == entries_.size()) return;
  if (index > 0 && last.before(entries_[(index - 1) / arity])) {
    sift_up(index, last);
  } else {
    sift_down(index, last);
  }
}

void TimerHeap::sift_up(std::size_t index, Entry entry) noexcept {
  while (index > 0) {
    std::size_t parent = (index - 1) / arity;
    if (!entry.before(entries_[parent])) break;
    place(index, entries_[parent]);
    index = parent;
  }
  place(index, entry);
}

void TimerHeap::sift_down(std::size_t index, Entry entry) noexcept {
  while (true) {
    std::size_t first = index * arity + 1;
    if (first >= entries_.size()) break;
    std::size_t smallest = first;
    std::size_t end = std::min(first + arity, entries_.size());
    for (std::size_t child = first + 1; child < end; ++child) {
      if (entries_[child].before(entries_[smallest])) smallest = child;
    }
    if (!entries_[smallest].before(entry)) break;
    place(index, entries_[smallest]);
    index = smallest;
  }
  place(index, entry);
}

}  // namespace heddle::asyncio::detail
