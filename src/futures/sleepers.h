// Sleepers: how many workers sleep, and whether one is looking for work.
//
// The rule: as long as there is work and a worker sleeps, one worker is searching, that is, on its
// way to look. A thread that adds work wakes a sleeper only when nobody searches, so a burst of
// work wakes one; that one, when it has found some, stops searching and wakes the next if there is
// more.
//
//     add work:    put it in the queue;          then claim_one(), and wake that one
//     fall asleep: sleep();                      then look at the queue once more: not empty ->
//     withdraw() find work:   end_search();                 then look at the queue: not empty -> as
//     one that adds work
//
// Each line writes one thing and then reads the other's, all of it seq_cst; so of an adder and a
// sleeper at least one sees the other, and of an adder and a searcher as well. Both facts are in
// one word, so a claim moves a worker from asleep to searching in one step. Atomic: std::atomic, or
// a model checker's.
#pragma once

#include <atomic>
#include <cstdint>

namespace heddle::futures {

template <template <class> class Atomic = std::atomic>
class Sleepers {
 public:
  Sleepers() noexcept = default;

  // True when a sleeper was made the searcher: the caller must wake one. False when nobody sleeps,
  // or somebody searches and will look.
  bool claim_one() noexcept {
    std::uint32_t word = word_.load(std::memory_order_seq_cst);
    while ((word & searching) == 0 && word >= one_asleep) {
      if (word_.compare_exchange_weak(word, word - one_asleep + searching,
                                      std::memory_order_seq_cst))
        return true;
    }
    return false;
  }

  // True when the caller is the searcher now. Only one is at a time.
  bool begin_search() noexcept {
    std::uint32_t word = word_.load(std::memory_order_relaxed);
    while ((word & searching) == 0) {
      if (word_.compare_exchange_weak(word, word + searching, std::memory_order_seq_cst,
                                      std::memory_order_relaxed))
        return true;
    }
    return false;
  }
  // REQUIRES: the caller is the searcher.
  void end_search() noexcept { word_.fetch_sub(searching, std::memory_order_seq_cst); }

  // The caller is about to sleep. From a searcher it takes that role in the same step.
  void sleep(bool was_searching) noexcept {
    word_.fetch_add(was_searching ? one_asleep - searching : one_asleep, std::memory_order_seq_cst);
  }
  // The caller stays awake after all. False when as many sleepers were claimed as there were, so
  // one of the claims is the caller's: it must wait for its wake-up, and searches then.
  bool withdraw() noexcept {
    std::uint32_t word = word_.load(std::memory_order_relaxed);
    while (word >= one_asleep) {
      if (word_.compare_exchange_weak(word, word - one_asleep, std::memory_order_seq_cst,
                                      std::memory_order_relaxed))
        return true;
    }
    return false;
  }

  // A hint.
  std::uint32_t asleep() const noexcept {
    return word_.load(std::memory_order_relaxed) / one_asleep;
  }

 private:
  static constexpr std::uint32_t searching = 1, one_asleep = 2;
  Atomic<std::uint32_t> word_{0};
};

}  // namespace heddle::futures
