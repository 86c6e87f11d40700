// TimerEntry: a deadline and whose it is.
#pragma once

#include <heddle/asyncio/handle.h>
#include <heddle/asyncio/task.h>

#include <cstdint>

namespace heddle::asyncio::detail {

// What a deadline belongs to: a node, or a task that sleeps; or to nothing.
class Timer {
 public:
  Timer() = default;
  explicit Timer(TimerNode& node) noexcept : bits_(address(node)) {}
  explicit Timer(TaskCore& sleeper) noexcept : bits_(address(sleeper) | sleep_bit) {}

  explicit operator bool() const noexcept { return bits_ != 0; }
  TimerPlace& place() const noexcept { return *reinterpret_cast<TimerPlace*>(bits_ & ~sleep_bit); }
  // It will be touched soon. Also when it is none.
  void fetch() const noexcept { __builtin_prefetch(reinterpret_cast<const void*>(bits_)); }
  // Null when it is a task.
  TimerNode* node() const noexcept {
    return is_sleep() ? nullptr : static_cast<TimerNode*>(&place());
  }
  // Null when it is none.
  TaskCore* sleeper() const noexcept {
    return is_sleep() ? static_cast<TaskCore*>(&place()) : nullptr;
  }

 private:
  static constexpr std::uintptr_t sleep_bit = 1;  // free: a place is aligned to four bytes
  static std::uintptr_t address(TimerPlace& place) noexcept {
    return reinterpret_cast<std::uintptr_t>(&place);
  }
  bool is_sleep() const noexcept { return (bits_ & sleep_bit) != 0; }

  std::uintptr_t bits_ = 0;
};

struct TimerEntry {
  Nanoseconds when;
  Timer timer;

  // Equal deadlines: the one that was set first.
  bool before(const TimerEntry& other) const noexcept {
    return when != other.when ? when < other.when : came_before(other);
  }
  void note_place(std::size_t place) const noexcept {
    timer.place().at_.place = static_cast<std::uint32_t>(place);
  }

 private:
  // The numbers go round.
  bool came_before(const TimerEntry& other) const noexcept {
    std::uint32_t ahead = timer.place().at_.sequence - other.timer.place().at_.sequence;
    return static_cast<std::int32_t>(ahead) < 0;
  }
};

}  // namespace heddle::asyncio::detail
