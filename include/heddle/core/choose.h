// choose(n, site): the one source of every decision that a run does not determine by itself.
//
// Which of several ready events comes first, how late a timer is, whether a foreign post lands in
// this turn or the next: library code asks choose(). Without a source the answer is always 0, the
// tame choice: no fault, no delay, first in, first out. Tests install a source that answers from a
// seed, or from the list recorded in an earlier run (testing/choices.h).
#pragma once

#include <cstdint>

namespace heddle {

class ChoiceSource {
 public:
  ChoiceSource(const ChoiceSource&) = delete;
  ChoiceSource& operator=(const ChoiceSource&) = delete;
  virtual ~ChoiceSource() = default;

  // A number in [0, n). site: a constant name of the deciding place, "loop.timer_late".
  virtual std::uint32_t choose(std::uint32_t n, const char* site) = 0;

 protected:
  ChoiceSource() = default;
};

// The source of the calling thread; null outside of tests.
ChoiceSource* choice_source() noexcept;

// Installs a source for the calling thread and returns the former one. The source must outlive its
// installation.
ChoiceSource* set_choice_source(ChoiceSource* source) noexcept;

// A number in [0, n): 0 without a source. REQUIRES: n > 0.
std::uint32_t choose(std::uint32_t n, const char* site);

}  // namespace heddle
