// Waking those who sleep on a signal, and looking before sleeping.
#pragma once

#include <heddle/core/compiler.h>

#include <atomic>
#include <cstdint>

#include "core/futex.h"
#include "core/spin.h"

namespace heddle::queue::detail {

constexpr int everybody = INT32_MAX;

// Wakes `count` threads that sleep on the signal, and keeps those from sleeping that have read it
// and do not sleep yet. release: they see what was done before.
inline void raise(std::atomic<std::uint32_t>& signal, int count) noexcept {
  signal.fetch_add(1, std::memory_order_release);
  core::wake(signal, count);
}

// How long to let items gather before looking for them. A look takes the cache line away from the
// other end; looking at every item makes both crawl from item to item, while a look some time later
// finds many. So it learns: what is there at the first look was looked for too early, what needs
// more looks too late. Not thread-safe; the gate of its end guards it.
class Pace {
 public:
  // Looks until ready() is true, as the policy of `spin` allows. True when it was. Called while the
  // gate is open: it changes nothing.
  template <class Ready>
  static bool look(core::Spin& spin, Pace pace, Ready ready, int& looks) {
    looks = 0;
    return spin.worthwhile() && spin.look([&] {
      for (int i = 0; i < pace.pauses_; ++i) relax();
      ++looks;
      return ready();
    });
  }
  void learn(int looks) noexcept {
    if (looks > 1) {
      pauses_ /= 2;
    } else if (pauses_ < pauses_max) {
      pauses_ = pauses_ * 2 + 1;
    }
  }

 private:
  static constexpr int pauses_max = 127;  // 1 to 5 us, by the CPU
  int pauses_ = 0;
};

}  // namespace heddle::queue::detail
