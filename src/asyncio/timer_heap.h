// TimerHeap: deadlines in order, equal ones first in, first out.
//
// A 4-ary heap of (when, timer); the timer knows its index, so that leaving costs O(log n) without
// a search, and its number, which is looked at for equal deadlines only: so four children lie in
// one cache line. A new timer is only put behind the heap, and joins it when somebody must know
// which deadline comes first: a time limit that is set and met at once costs no sifting.
//
//     entries_   [ heap, sorted_ of them | as they came ]
#pragma once

#include <heddle/asyncio/handle.h>
#include <heddle/asyncio/sleep.h>

#include <algorithm>
#include <cstdint>
#include <limits>

namespace heddle::asyncio::detail {

class TimerHeap {
 public:
  // What a deadline belongs to: a node, or a sleep; or to nothing.
  class Timer {
   public:
    Timer() = default;
    explicit Timer(TimerNode& node) noexcept : bits_(address(node)) {}
    explicit Timer(SleepParking& sleep) noexcept : bits_(address(sleep) | sleep_bit) {}

    explicit operator bool() const noexcept { return bits_ != 0; }
    TimerPlace& place() const noexcept {
      return *reinterpret_cast<TimerPlace*>(bits_ & ~sleep_bit);
    }
    // Null when it is a sleep.
    TimerNode* node() const noexcept {
      return is_sleep() ? nullptr : static_cast<TimerNode*>(&place());
    }
    // Null when it is none.
    SleepParking* sleep() const noexcept {
      return is_sleep() ? static_cast<SleepParking*>(&place()) : nullptr;
    }

   private:
    static constexpr std::uintptr_t sleep_bit = 1;  // free: a place is aligned to four bytes
    static std::uintptr_t address(TimerPlace& place) noexcept {
      return reinterpret_cast<std::uintptr_t>(&place);
    }
    bool is_sleep() const noexcept { return (bits_ & sleep_bit) != 0; }

    std::uintptr_t bits_ = 0;
  };

  TimerHeap() = default;
  TimerHeap(const TimerHeap&) = delete;
  TimerHeap& operator=(const TimerHeap&) = delete;
  ~TimerHeap();

  bool empty() const noexcept { return size_ == 0; }
  std::size_t size() const noexcept { return size_; }
  // REQUIRES: !empty()
  Nanoseconds next_deadline() noexcept {
    settle();
    return entries_[0].when;
  }
  Timer next() noexcept {
    settle();
    return entries_[0].timer;
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
  void insert(SleepParking& sleep, Nanoseconds when) { insert(Timer(sleep), when); }
  void remove(SleepParking& sleep) noexcept { remove(static_cast<TimerPlace&>(sleep)); }
  void remove(TimerPlace& place) noexcept {
    std::size_t index = place.place_;
    place.place_ = TimerPlace::not_armed;
    if (index < sorted_) return remove_sorted(index);
    --size_;
    if (index != size_) put(index, entries_[size_]);
  }

 private:
  struct Entry {
    Nanoseconds when;
    Timer timer;

    bool before(const Entry& other) const noexcept {
      return when != other.when ? when < other.when : came_before(other);
    }
    // The numbers go round.
    bool came_before(const Entry& other) const noexcept {
      std::uint32_t ahead = timer.place().sequence_ - other.timer.place().sequence_;
      return static_cast<std::int32_t>(ahead) < 0;
    }
  };

  void insert(Timer timer, Nanoseconds when) {
    if (size_ == room_) [[unlikely]]
      grow();
    entries_[size_] = {when, timer};
    timer.place().place_ = static_cast<std::uint32_t>(size_++);
    timer.place().sequence_ = ++sequence_;
    earliest_ = std::min(earliest_, when);
  }
  void put(std::size_t index, const Entry& entry) noexcept {
    entries_[index] = entry;
    entry.timer.place().place_ = static_cast<std::uint32_t>(index);
  }
  [[gnu::noinline]] void grow();
  void settle() noexcept {
    while (sorted_ != size_) {
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
  static constexpr Nanoseconds never = std::numeric_limits<Nanoseconds>::max();

  // From std::realloc(), which moves many of them without a copy.
  Entry* entries_ = nullptr;
  std::size_t size_ = 0;
  std::size_t room_ = 0;
  std::size_t sorted_ = 0;
  Nanoseconds earliest_ = never;  // no timer is due before
  std::uint32_t sequence_ = 0;
};

}  // namespace heddle::asyncio::detail
