// World: one run of a program in which everything that is left to chance comes from one seed.
//
//     asyncio::Coro<void> transfer_world(testing::World& world) {
//       Bank bank;
//       world.faults({.cancel = 0.02});                      // any task, at any step
//       std::vector<asyncio::Task<void>> transfers = start_transfers(bank);
//       co_await asyncio::wait(transfers);
//       testing::expect_equal(bank.total(), 1000, "no money is lost");
//     }
//
//     testing::explore(transfer_world, {.seeds = 10'000});    // see explore.h
//
// The clock is virtual, to_thread() and the default executor run their jobs in the loop's own
// thread, and choose() answers from the seed: which of several ready descriptors comes first, where
// a post, a signal or the result of an executor lands, how late a timer is. FIFO order of callbacks
// stays, since asyncio promises it. One thread only.
#pragma once

#include <heddle/asyncio/task.h>
#include <heddle/core/choose.h>
#include <heddle/core/error.h>
#include <heddle/testing/choices.h>

#include <cstdint>
#include <string>
#include <type_traits>

namespace heddle::testing {

// What expect() throws.
class ExpectationError : public Error {
 public:
  using Error::Error;
};

// Throws ExpectationError with `what` unless `condition` holds. Does not depend on a test
// framework.
void expect(bool condition, const std::string& what);

// Throws ExpectationError "what: expected 1000, got 990".
template <class A, class B>
void expect_equal(const A& actual, const B& expected, const std::string& what = "values differ") {
  if (actual == expected) return;
  auto text = [](const auto& value) -> std::string {
    using V = std::remove_cvref_t<decltype(value)>;
    if constexpr (std::is_arithmetic_v<V>) {
      return std::to_string(value);
    } else if constexpr (std::is_convertible_v<V, std::string>) {
      return value;
    } else {
      return "another value";
    }
  };
  expect(false, what + ": expected " + text(expected) + ", got " + text(actual));
}

// How often the world does harm; each is a probability from 0 to 1.
struct Faults {
  double cancel = 0;  // before each step of the loop: a task other than the main one is cancelled
  double allocation = 0;  // of each allocation of such a task: it throws std::bad_alloc
  double worker_dies =
      0;  // of each job of the default executor: it fails as if its worker had died
};

class World {
 public:
  World(const World&) = delete;
  World& operator=(const World&) = delete;
  virtual ~World() = default;

  // The seed of this run; 0 when choices are replayed.
  std::uint64_t seed() const noexcept { return seed_; }
  // A number in [0, n); 0 is the tame one. site: a constant name.
  std::uint32_t choose(std::uint32_t n, const char* site) { return heddle::choose(n, site); }
  // True with this probability; false is the tame answer.
  bool chance(double probability, const char* site);

  // From now on. Throws ValueError for a probability outside of [0, 1], RuntimeError for failing
  // allocations under ThreadSanitizer.
  void faults(const Faults& faults);
  const Faults& faults() const noexcept { return faults_; }
  // Faults leave this task alone.
  void spare(const asyncio::AnyTask& task);
  // How many cancellations the faults made so far.
  std::uint64_t cancels() const noexcept { return cancels_; }

  // Reports to the loop's exception handler (an exception that nobody retrieved, a task destroyed
  // while it was pending) fail the run, unless the body says that it expects them.
  void allow_reports() noexcept { reports_allowed_ = true; }

 protected:
  explicit World(std::uint64_t seed) noexcept : seed_(seed) {}
  virtual void faults_changed() {}

  std::uint64_t seed_;
  Faults faults_;
  std::uint64_t cancels_ = 0;
  bool reports_allowed_ = false;
  std::vector<asyncio::AnyTask> spared_;
};

}  // namespace heddle::testing
