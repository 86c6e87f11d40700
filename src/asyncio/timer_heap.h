// TimerHeap: deadlines in order, equal ones first in, first out.
//
// A 4-ary heap of (when, sequence, node); the node knows its index, so that leaving costs O(log n)
// without a search. Entries are kept apart from the nodes because sifting reads many deadlines and
// no node.
#pragma once

#include <heddle/asyncio/handle.h>

#include <vector>

namespace heddle::asyncio::detail {

class TimerHeap {
 public:
  TimerHeap() = default;
  TimerHeap(const TimerHeap&) = delete;
  TimerHeap& operator=(const TimerHeap&) = delete;
  ~TimerHeap() {
    while (!empty()) remove(*entries_.front().node);
  }

  bool empty() const noexcept { return entries_.empty(); }
  std::size_t size() const noexcept { return entries_.size(); }
  // REQUIRES: !empty()
  Nanoseconds next_deadline() const noexcept { return entries_.front().when; }
  TimerNode& next() noexcept { return *entries_.front().node; }

  // REQUIRES: !node.armed(). Throws std::bad_alloc and leaves the heap as it was.
  void insert(TimerNode& node, Nanoseconds when);
  void remove(TimerNode& node) noexcept;

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
  void sift_up(std::size_t index, Entry entry) noexcept;
  void sift_down(std::size_t index, Entry entry) noexcept;

  static constexpr std::size_t arity = 4;
  std::vector<Entry> entries_;
  std::uint64_t sequence_ = 0;
};

}  // namespace heddle::asyncio::detail
