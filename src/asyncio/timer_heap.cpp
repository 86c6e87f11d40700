#include "asyncio/timer_heap.h"

namespace heddle::asyncio::detail {

void TimerNode::disarm() noexcept {
  if (armed()) heap_->remove(*this);
  unlink();
}

TimerNode* TimerHeap::take_due(Nanoseconds now) noexcept {
  std::size_t unsorted = entries_.size() - sorted_;
  if (unsorted > 0 && (new_min_ <= now || unsorted > unsorted_max)) settle();
  if (sorted_ == 0 || entries_.front().when > now) return nullptr;
  TimerNode& due = *entries_.front().node;
  remove(due);
  return &due;
}

void TimerHeap::remove_sorted(std::size_t index) noexcept {
  --sorted_;
  Entry moved = entries_[sorted_];
  if (sorted_ + 1 != entries_.size()) place(sorted_, entries_.back());
  entries_.pop_back();
  if (index == sorted_) return;
  if (index > 0 && moved.before(entries_[(index - 1) / arity])) {
    sift_up(index, moved);
  } else {
    sift_down(index, moved);
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
    if (first >= sorted_) break;
    std::size_t smallest = first;
    std::size_t end = std::min(first + arity, sorted_);
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
