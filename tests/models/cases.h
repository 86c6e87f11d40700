// What the models share: the mutex that others stand on, and the check of a case with its planted
// bugs.
#pragma once

#include <doctest/doctest.h>

#include <cstdlib>
#include <string>

#include "models/model.h"

namespace heddle::models {

inline constexpr auto relaxed = std::memory_order_relaxed;
inline constexpr auto acquire = std::memory_order_acquire;
inline constexpr auto release = std::memory_order_release;
inline constexpr auto acq_rel = std::memory_order_acq_rel;
inline constexpr auto seq_cst = std::memory_order_seq_cst;

using Word = Atomic<std::uint32_t>;

// threading::Lock (src/threading/lock.cpp): free, held, held with threads that may sleep.
class Mutex {
 public:
  static constexpr int bugs = 4;
  explicit Mutex(int bug = 0) : bug_(bug) {}

  bool lock(bool timed = false) {
    std::uint32_t expected = 0;
    std::memory_order taking = bug_ == 1 ? relaxed : acquire;
    if (word_.compare_exchange_strong(expected, 1, taking, relaxed)) return true;
    // bug 3: who has slept forgets that others may sleep as well
    std::uint32_t mine = 2;
    while (word_.exchange(mine, taking) != 0) {
      bool woken = wait(word_, 2U, timed);
      if (!woken) return false;
      if (bug_ == 3) mine = 1;
    }
    return true;
  }
  void unlock() {
    std::uint32_t former = word_.exchange(0, bug_ == 2 ? relaxed : release);
    if (former == 2 && bug_ != 4) wake(word_);
  }

 private:
  int bug_;
  Word word_;
};

// core::wait_while_equal().
inline bool wait_while_equal(const Word& word, std::uint32_t value, bool timed = false) {
  while (word.load(acquire) == value) {
    if (!wait(word, value, timed)) return false;
  }
  return true;
}

inline std::uint64_t executions_max() {
  const char* text = std::getenv("HEDDLE_MODELS");
  return text != nullptr ? std::strtoull(text, nullptr, 10) : 200'000;
}

// The case holds, in all executions or in as many as are allowed, and the search finds each planted
// bug.
template <class Case>
void check_model(const char* name) {
  Limits limits;
  limits.executions = executions_max();
  Result sound = explore<Case>(0, limits);
  CHECK_MESSAGE(sound.failure == "", std::string(name) << ": " << sound.failure);
  MESSAGE(std::string(name) << ": " << sound.executions << " executions, "
                            << (sound.complete ? "all there are"
                                               : "all with " + std::to_string(sound.deviations) +
                                                     " deviations"));
  for (int bug = 1; bug <= Case::bugs; ++bug) {
    Result found = explore<Case>(bug, limits);
    CHECK_MESSAGE(found.failure != "", std::string(name) << ": bug " << bug << " was not found in "
                                                         << found.executions << " executions");
  }
}

}  // namespace heddle::models
