// Scheduler: proposes the answers to the choices of a run of threads.
#pragma once

#include <heddle/testing/explore_threads.h>

#include <cstdint>
#include <memory>
#include <vector>

namespace heddle::testing {

// A choice that is to be made. Answers go from 0, the tame one, to n - 1.
struct Decision {
  enum class Kind {
    next,      // who runs: `threads` are the numbers of the candidates, in the order of the answers
    spurious,  // 1: a wait ends without a reason
    other
  };

  Kind kind = Kind::other;
  std::uint32_t n = 1;
  const std::uint32_t* threads = nullptr;
  std::uint64_t step = 0;
  bool others_cost = true;    // dfs: an answer other than 0 is one of the bounded number
  bool last_is_late = false;  // next: the last candidate would run because its time has come early
};

// splitmix64: small, and equal on every machine.
class Random {
 public:
  explicit Random(std::uint64_t seed) noexcept : state_(seed) {}
  std::uint64_t next() noexcept {
    state_ += 0x9e3779b97f4a7c15;
    std::uint64_t mixed = state_;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
    return mixed ^ (mixed >> 31);
  }
  std::uint32_t below(std::uint64_t n) noexcept { return static_cast<std::uint32_t>(next() % n); }

 private:
  std::uint64_t state_;
};

class Scheduler {
 public:
  Scheduler() = default;
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;
  virtual ~Scheduler() = default;

  // A new run begins.
  virtual void begin(std::uint64_t seed) = 0;
  // REQUIRES: decision.n > 1.
  virtual std::uint32_t propose(const Decision& decision) = 0;
  // The run is over. False when there is no other one to be made.
  virtual bool end() { return true; }
};

// `steps`: of the tame run, among which pct puts its changes of priority.
std::unique_ptr<Scheduler> make_scheduler(Schedule schedule, std::uint64_t steps);
// Always 0.
std::unique_ptr<Scheduler> make_tame_scheduler();

}  // namespace heddle::testing
