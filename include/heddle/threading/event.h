// Event: a flag that threads wait for.
//
//     threading::Event ready;
//     threading::Thread([&] { ready.wait(); serve(); }).start();
//     ready.set();
//
// One word of memory; constant-initialised and trivially destroyed. Thread-safe.
// Source: https://docs.python.org/3/library/threading.html#event-objects
#pragma once

#include <heddle/core/delay.h>

#include <atomic>
#include <cstdint>

namespace heddle::threading {

class Event {
 public:
  constexpr Event() noexcept = default;
  Event(const Event&) = delete;  // waiting threads point at it
  Event& operator=(const Event&) = delete;

  // True from set() until clear().
  bool is_set() const noexcept { return (word_.load(std::memory_order_acquire) & up_) != 0; }

  // Raises the flag. Whoever waits now gets through, even if clear() follows at once.
  void set() noexcept;
  // Lowers the flag.
  void clear() noexcept;

  // Waits until the flag is up: true.
  bool wait() noexcept { return wait_until(time_max); }
  // As wait(), for at most `timeout` (negative: as 0): false when it passed.
  bool wait(Delay timeout) noexcept;

 private:
  static constexpr std::uint32_t up_ = 1, waited_for_ = 2, one_set_ = 4;

  bool wait_until(Nanoseconds deadline) noexcept;

  std::atomic<std::uint32_t> word_{0};
};

}  // namespace heddle::threading
