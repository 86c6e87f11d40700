#include "asyncio/timer_run.h"

#include <algorithm>
#include <new>
#include <utility>

namespace heddle::asyncio::detail {

namespace {

// Merges two sorted neighbours; those that follow each other already, as deadlines often come, are
// only copied.
void merge(const TimerEntry* left, const TimerEntry* middle, const TimerEntry* end,
           TimerEntry* to) noexcept {
  const TimerEntry* right = middle;
  if (right == end || !right->before(*(middle - 1))) {
    std::copy(left, end, to);
    return;
  }
  while (left != middle && right != end) {
    bool takes_right = right->before(*left);
    *to++ = takes_right ? *right : *left;
    right += takes_right;
    left += !takes_right;
  }
  to = std::copy(left, middle, to);
  std::copy(right, end, to);
}

// Leaves the sorted entries in `entries`; `other` has room for as many. std::sort would be larger
// than the rest of the timers together.
void sort(TimerEntry*& entries, TimerEntry*& other, std::size_t count) noexcept {
  for (std::size_t width = 1; width < count; width *= 2) {
    for (std::size_t at = 0; at < count; at += 2 * width) {
      std::size_t middle = std::min(at + width, count);
      std::size_t end = std::min(at + 2 * width, count);
      merge(entries + at, entries + middle, entries + end, other + at);
    }
    std::swap(entries, other);
  }
}

}  // namespace

TimerRun::~TimerRun() { delete[] entries_; }

bool TimerRun::absorb(const TimerEntry* more, std::size_t count) noexcept {
  std::size_t total = live_ + count;
  if (total >= place_bit) return false;
  auto* merged = new (std::nothrow) TimerEntry[total];
  auto* other = new (std::nothrow) TimerEntry[total];
  if (merged != nullptr && other != nullptr) {
    std::copy(more, more + count, merged + copy_live(merged));
    sort(merged, other, total);
    delete[] std::exchange(entries_, std::exchange(merged, nullptr));
    head_ = 0;
    end_ = live_ = total;
    note_places();
    count = 0;
  }
  delete[] other;
  delete[] merged;
  return count == 0;
}

void TimerRun::remove(std::size_t index) noexcept {
  entries_[index].timer = Timer();
  if (--live_ == 0) {
    head_ = end_ = 0;
    delete[] std::exchange(entries_, nullptr);
  } else if (index == head_) {
    while (!entries_[head_].timer) ++head_;
  } else if (end_ - head_ > std::max(gaps_min, 4 * live_)) {
    close_gaps();
  }
}

std::size_t TimerRun::copy_live(TimerEntry* to) const noexcept {
  std::size_t copied = 0;
  for (std::size_t index = head_; index < end_; ++index) {
    if (entries_[index].timer) to[copied++] = entries_[index];
  }
  return copied;
}

void TimerRun::close_gaps() noexcept {
  end_ = copy_live(entries_);  // forwards: none is written before it was read
  head_ = 0;
  note_places();
}

void TimerRun::note_places() noexcept {
  for (std::size_t index = head_; index < end_; ++index)
    entries_[index].note_place(index | place_bit);
}

}  // namespace heddle::asyncio::detail
