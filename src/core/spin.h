// Looking before sleeping: waking a thread that sleeps costs 20 to 25 us on another CPU, so a short
// look pays whenever the other side is about to answer.
#pragma once

#include <heddle/core/clock.h>
#include <heddle/core/compiler.h>

#include <atomic>
#include <cstdint>

#include "core/kernel.h"

namespace heddle::core {

// The longest that a thread spins before it sleeps, unless an option says otherwise: 20 us, or the
// microseconds in the environment variable HEDDLE_SPIN_US; 0 where the process has one CPU, since
// the other side could not run meanwhile. Read once.
Nanoseconds default_spin_limit() noexcept;

// Whether the process may use one CPU only. Read once.
bool has_one_cpu() noexcept;

// A few hundred nanoseconds, for what is nearly always over by then. True when ready() was.
template <class Ready>
bool spin_briefly(Ready ready) {
  if (default_spin_limit() == 0 || !Kernel::may_spin()) return ready();
  for (int i = 0; i < 40; ++i) {
    if (ready()) return true;
    relax();
  }
  return false;
}

// The spinning of one waiting place. It learns: after looks that brought nothing it mostly sleeps
// at once, and looks again now and then, so that an idle place burns nothing and a busy one is
// found out. Thread-safe; the counts are hints, so relaxed order is enough.
class Spin {
 public:
  explicit Spin(Nanoseconds limit = default_spin_limit()) noexcept : limit_(limit) {}

  // Calls ready() until it is true, for at most the limit. True when it was.
  template <class Ready>
  bool wait(Ready ready) noexcept {
    if (ready()) return true;
    return worthwhile() && look(ready);
  }

  // The parts of wait(), for who has something to do in between. worthwhile() is asked once a wait.
  bool worthwhile() noexcept { return limit_ > 0 && may_look(); }
  template <class Ready>
  bool look(Ready ready) noexcept {
    Nanoseconds end = Kernel::monotonic_now() + limit_;
    do {
      for (int i = 0; i < 16; ++i) {
        if (ready()) {
          fruitless_.store(0, std::memory_order_relaxed);
          return true;
        }
        relax();
      }
    } while (Kernel::monotonic_now() < end);
    fruitless_.fetch_add(1, std::memory_order_relaxed);
    return false;
  }

  // For where there is one CPU, so that the other side runs only when this thread does not: lets it
  // run, once, and looks then. Two switches of threads, but neither a sleep nor a wake-up. True
  // when ready() was. It lasts as long as the others run.
  template <class Ready>
  bool step_aside(Ready ready) noexcept {
    if (!may_look()) return false;
    Kernel::sched_yield();
    bool is_ready = ready();
    if (is_ready)
      fruitless_.store(0, std::memory_order_relaxed);
    else
      fruitless_.fetch_add(1, std::memory_order_relaxed);
    return is_ready;
  }

  Nanoseconds limit() const noexcept { return limit_; }
  // Not while another thread waits.
  void set_limit(Nanoseconds limit) noexcept { limit_ = limit; }

  // The calling thread's, for waits that have no place of their own to learn at.
  static Spin& of_thread() noexcept;

 private:
  // After so many fruitless looks in a row it looks in one of 64 waits.
  static constexpr std::uint32_t fruitless_max = 3;

  bool may_look() noexcept {
    if (!Kernel::may_spin()) return false;
    if (fruitless_.load(std::memory_order_relaxed) < fruitless_max) return true;
    return skipped_.fetch_add(1, std::memory_order_relaxed) % 64 == 63;
  }

  Nanoseconds limit_;
  std::atomic<std::uint32_t> fruitless_{0};
  std::atomic<std::uint32_t> skipped_{0};
};

}  // namespace heddle::core
