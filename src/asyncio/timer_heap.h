// TimerHeap: deadlines in order, equal ones first in, first out.
//
// A 4-ary heap of (when, timer); the timer knows its index, so that leaving costs O(log n) without
// a search, and its number, which is looked at for equal deadlines only: so four children lie in
// one cache line. A new timer is only put behind the heap, and joins it when somebody must know
// which deadline comes first: a time limit that is set and met at once costs no sifting. Where most
// of all timers came at once, they are sorted into a run beside the heap.
//
//     entries_   [ heap, sorted_ of them | as they came ]       run_   [ a burst, sorted ]
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

#include "asyncio/timer_entry.h"
#include "asyncio/timer_run.h"

namespace heddle::asyncio::detail {

class TimerHeap {
 public:
  using Timer = detail::Timer;
  // So many new ones, when they are half of all, are sorted into the run. Fewer fit a cache, where
  // the heap is as good, and may be time limits, most of which are taken back.
  static constexpr std::size_t burst_min = 20'000;

  TimerHeap() = default;
  TimerHeap(const TimerHeap&) = delete;
  TimerHeap& operator=(const TimerHeap&) = delete;
  ~TimerHeap();

  bool empty() const noexcept { return size_ == 0 && run_.empty(); }
  std::size_t size() const noexcept { return size_ + run_.size(); }
  // REQUIRES: !empty()
  Nanoseconds next_deadline() noexcept {
    settle();
    return first().when;
  }
  Timer next() noexcept {
    settle();
    return first().timer;
  }
  // False when take_due() has nothing to do.
  bool may_be_due(Nanoseconds now) const noexcept {
    return earliest_ <= now || size_ > sorted_ + unsorted_max;
  }
  // Takes the first timer out if its time has come; an empty one when there is none.
  Timer take_due(Nanoseconds now) noexcept;

  // REQUIRES: !armed(). Throws std::bad_alloc and leaves the heap as it was.
  void insert(TimerNode& node, Nanoseconds when) {
    insert(Timer(node), when);
    node.heap_ = this;
  }
  void insert(TaskCore& sleeper, Nanoseconds when) { insert(Timer(sleeper), when); }
  void remove(TaskCore& sleeper) noexcept { remove(static_cast<TimerPlace&>(sleeper)); }
  void remove(TimerPlace& place) noexcept {
    std::size_t index = place.at_.place;
    place.at_.place = TimerPlace::not_armed;
    if (index < sorted_) return remove_sorted(index);
    if ((index & TimerRun::place_bit) != 0) return run_.remove(index & ~TimerRun::place_bit);
    --size_;
    if (index != size_) put(index, entries_[size_]);
  }

 private:
  using Entry = TimerEntry;

  void insert(Timer timer, Nanoseconds when) {
    if (size_ == room_) [[unlikely]]
      grow();
    entries_[size_] = {when, timer};
    timer.place().at_.place = static_cast<std::uint32_t>(size_++);
    timer.place().at_.sequence = ++sequence_;
    earliest_ = std::min(earliest_, when);
  }
  void put(std::size_t index, const Entry& entry) noexcept {
    entries_[index] = entry;
    entry.note_place(index);
  }
  [[gnu::noinline]] void grow();
  // REQUIRES: nothing is unsorted, and there is a timer.
  const Entry& first() const noexcept {
    if (run_.empty()) return entries_[0];
    if (size_ == 0) return run_.front();
    return entries_[0].before(run_.front()) ? entries_[0] : run_.front();
  }
  void settle() noexcept {
    if (size_ - sorted_ >= burst_min) [[unlikely]]
      settle_burst();
    while (sorted_ != size_) {
      ++sorted_;
      sift_up(sorted_ - 1, entries_[sorted_ - 1]);
    }
  }
  [[gnu::noinline]] void settle_burst() noexcept;
  void remove_sorted(std::size_t index) noexcept;
  void sift_up(std::size_t index, Entry entry) noexcept;
  void sift_down(std::size_t index, Entry entry) noexcept;

  static constexpr std::size_t arity = 4;
  // So many new timers are let wait while nothing is due; they are sorted in less than a
  // millisecond then.
  static constexpr std::size_t unsorted_max = 2048;
  static constexpr Nanoseconds never = std::numeric_limits<Nanoseconds>::max();

  // From std::realloc(), which moves many of them without a copy.
  Entry* entries_ = nullptr;
  std::size_t size_ = 0;
  std::size_t room_ = 0;
  std::size_t sorted_ = 0;
  Nanoseconds earliest_ = never;  // no timer is due before
  std::uint32_t sequence_ = 0;
  TimerRun run_;
};

}  // namespace heddle::asyncio::detail
