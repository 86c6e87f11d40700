// TimerRun: many deadlines that were sorted once, and leave from the front.
//
// The timers of a burst lie here. Taking the next one moves none of the others, where a heap of
// many moves ten or so, each in memory of its own. One that is taken back leaves a gap.
//
//     entries_   ... taken ... [ head_: a timer | gaps and timers | end_
#pragma once

#include "asyncio/timer_entry.h"

namespace heddle::asyncio::detail {

class TimerRun {
 public:
  // The place of a timer in here: its index with this bit.
  static constexpr std::uint32_t place_bit = std::uint32_t{1} << 31;

  TimerRun() = default;
  TimerRun(const TimerRun&) = delete;
  TimerRun& operator=(const TimerRun&) = delete;
  ~TimerRun();

  bool empty() const noexcept { return live_ == 0; }
  std::size_t size() const noexcept { return live_; }
  // REQUIRES: !empty()
  const TimerEntry& front() const noexcept { return entries_[head_]; }
  // The front is about to leave and run: fetches those that follow it, which nobody has touched for
  // long.
  void fetch_ahead() const noexcept {
    constexpr std::size_t distance = 8;
    if (head_ + distance < end_) entries_[head_ + distance].timer.fetch();
  }

  // Takes `count` more, in any order. False, with no effect, when there is no memory for it.
  bool absorb(const TimerEntry* more, std::size_t count) noexcept;
  // index: of a timer that is here.
  void remove(std::size_t index) noexcept;

 private:
  std::size_t copy_live(TimerEntry* to) const noexcept;
  void close_gaps() noexcept;
  void note_places() noexcept;

  // Fewer are not worth a closing of gaps.
  static constexpr std::size_t gaps_min = 1024;

  TimerEntry* entries_ = nullptr;
  std::size_t head_ = 0;
  std::size_t end_ = 0;
  std::size_t live_ = 0;
};

}  // namespace heddle::asyncio::detail
