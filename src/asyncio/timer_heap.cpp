#include "asyncio/timer_heap.h"

#include <cstdlib>
#include <new>

namespace heddle::asyncio::detail {

void TimerNode::disarm() noexcept {
  if (armed()) return heap_->remove(*this);
  unlink();
}

TimerHeap::~TimerHeap() {
  while (size_ != 0) remove(entries_[size_ - 1].timer.place());
  while (!run_.empty()) remove(run_.front().timer.place());
  std::free(entries_);
}

void TimerHeap::grow() {
  if (room_ >= TimerRun::place_bit) throw std::bad_alloc();  // places have 31 bits
  std::size_t room = room_ == 0 ? 16 : 2 * room_;
  void* moved = std::realloc(entries_, room * sizeof(Entry));
  if (moved == nullptr) throw std::bad_alloc();
  entries_ = static_cast<Entry*>(moved);
  room_ = room;
}

// Sorting costs each a few moves, and the next burst of the kind twice as many timers. Without
// memory for it they join the heap.
void TimerHeap::settle_burst() noexcept {
  if (size_ - sorted_ < sorted_ + run_.size()) return;
  if (run_.absorb(entries_, size_)) size_ = sorted_ = 0;
}

TimerHeap::Timer TimerHeap::take_due(Nanoseconds now) noexcept {
  if (!may_be_due(now)) return {};
  settle();
  earliest_ = empty() ? never : first().when;
  if (empty() || earliest_ > now) return {};  // both: a clock can reach its end
  Timer due = first().timer;
  if (!run_.empty()) run_.fetch_ahead();
  remove(due.place());
  return due;
}

void TimerHeap::remove_sorted(std::size_t index) noexcept {
  --sorted_;
  Entry moved = entries_[sorted_];
  --size_;
  if (sorted_ != size_) put(sorted_, entries_[size_]);
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
    put(index, entries_[parent]);
    index = parent;
  }
  put(index, entry);
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
    put(index, entries_[smallest]);
    index = smallest;
  }
  put(index, entry);
}

}  // namespace heddle::asyncio::detail
