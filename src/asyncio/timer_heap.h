// TimerHeap: deadlines in order, equal ones first in, first out.
//
// A 4-ary heap of (when, sequence, node); the node knows its index, so that leaving costs O(log n)
// without a search. Entries are kept apart from the nodes because sifting reads many deadlines and
// few nodes. A new timer is only put behind the heap, and joins it when somebody must know which
// deadline comes first: a time limit that is set and met at once costs no sifting.
//
//     entries_   [ heap, sorted_ of them | as they came ]
#pragma once

#include <heddle/asyncio/handle.h>

#include <algorithm>
#include <vector>

namespace heddle::asyncio::detail {

class TimerHeap {
 public:
  TimerHeap() = default;
  TimerHeap(const TimerHeap&) = delete;
  TimerHeap& operator=(const TimerHeap&) = delete;
  ~TimerHeap() {
    while (!empty()) remove(*entries_.back().node);
  }

  bool empty() const noexcept { return entries_.empty(); }
  std::size_t size() const noexcept { return entries_.size(); }
  // REQUIRES: !empty()
  Nanoseconds next_deadline() noexcept {
    settle();
    return entries_.front().when;
  }
  TimerNode& next() noexcept {
    settle();
    return *entries_.front().node;
  }
  // Takes the first timer out if its time has come; null when there is none.
  TimerNode* take_due(Nanoseconds now) noexcept;

  // REQUIRES: !node.armed(). Throws std::bad_alloc and leaves the heap as it was.
  void insert(TimerNode& node, Nanoseconds when) {
    entries_.push_back({when, sequence_, &node});
    ++sequence_;
    new_min_ = entries_.size() == sorted_ + 1 ? when : std::min(new_min_, when);
    node.heap_ = this;
    node.place_ = static_cast<std::uint32_t>(entries_.size() - 1);
  }
  void remove(TimerNode& node) noexcept {
    std::size_t index = node.place_;
    node.place_ = TimerNode::not_armed;
    if (index < sorted_) return remove_sorted(index);
    if (index + 1 != entries_.size()) place(index, entries_.back());
    entries_.pop_back();
  }

 private:
  struct Entry {
    Nanoseconds when;
    std::uint64_t sequence;
    TimerNode* node;

    bool before(const Entry& other) const noexcept {
      return when != other.when ? when < other.when : sequence < other.sequence;
    }
  };

  void place(std::size_t index, const Entry& entry) noexcept {
    entries_[index] = entry;
    entry.node->place_ = static_cast<std::uint32_t>(index);
  }
  void settle() noexcept {
    while (sorted_ != entries_.size()) {
      ++sorted_;
      sift_up(sorted_ - 1, entries_[sorted_ - 1]);
    }
  }
  void remove_sorted(std::size_t index) noexcept;
  void sift_up(std::size_t index, Entry entry) noexcept;
  void sift_down(std::size_t index, Entry entry) noexcept;

  static constexpr std::size_t arity = 4;
  // So many new timers are let wait while nothing is due.
  static constexpr std::size_t unsorted_max = 64;

  std::vector<Entry> entries_;
  std::size_t sorted_ = 0;
  Nanoseconds new_min_ = 0;  // no unsorted timer is due before
  std::uint64_t sequence_ = 0;
};

}  // namespace heddle::asyncio::detail
