// explore: runs a world under many seeds, and makes a failure small and repeatable.
//
//     testing::explore(transfer_world, {.seeds = 10'000});
//
// A failure is whatever the body throws, being stuck, leaving something behind, never ending, and
// running differently the second time. It is thrown as an ExploreFailure, whose text has the seed,
// the shrunk list of choices that still make it fail, and the line that replays it:
//
//     transfer_world failed: seed 16, step 88, 0.007000000 s virtual: ExpectationError: …
//       shrunk from 312 choices to 2: [world.cancel 9991/10000: cancel Task-3 at put (bank.cpp:31)]
//       … replay: HEDDLE_REPLAY='transfer_world:12=9991,40=1' <this program>
//
// With HEDDLE_REPLAY in the environment, the explore() of that name makes that one run and all
// others do nothing.
#pragma once

#include <heddle/asyncio/coroutine.h>
#include <heddle/testing/world.h>

#include <cstdint>
#include <source_location>
#include <string>
#include <vector>

namespace heddle::testing {

struct ExploreOptions {
  std::uint64_t seeds = 1000;
  std::uint64_t first_seed = 1;
  std::uint64_t steps_max = 1'000'000;           // more is a failure: the run does not end
  Nanoseconds virtual_max = 86'400'000'000'000;  // so is more virtual time than this: a day
  std::uint32_t shrink_runs = 2000;              // runs that shrinking may take
  bool check_determinism = true;                 // one seed in a hundred runs twice
  const char* name = nullptr;                    // in the replay line; the function's by default
};

// What explore() saw.
class ExploreResult {
 public:
  std::uint64_t worlds = 0;
  std::uint64_t steps = 0;    // of all worlds
  std::uint64_t cancels = 0;  // that faults made
  std::uint64_t hash = 0;     // of all runs; equal in every build
};

class ExploreFailure : public Error {
 public:
  ExploreFailure(const std::string& text, std::uint64_t seed, std::vector<std::uint32_t> shrunk)
      : Error(text), seed_(seed), choices_(std::move(shrunk)) {}

  // The seed that failed; 0 for a replay.
  std::uint64_t seed() const noexcept { return seed_; }
  // The shrunk choices.
  const std::vector<std::uint32_t>& choices() const noexcept { return choices_; }

 private:
  std::uint64_t seed_;
  std::vector<std::uint32_t> choices_;
};

namespace detail {

class WorldBody {
 public:
  virtual asyncio::Coro<void> run(World& world) = 0;

 protected:
  ~WorldBody() = default;
};

ExploreResult explore(WorldBody& body, const ExploreOptions& options,
                      const std::source_location& where);
ExploreResult explore_each(WorldBody& body, const ExploreOptions& options,
                           const std::source_location& where);

template <class F>
class BodyOf final : public WorldBody {
 public:
  explicit BodyOf(F& function) noexcept : function_(function) {}
  asyncio::Coro<void> run(World& world) override { return function_(world); }

 private:
  F& function_;
};

}  // namespace detail

// Runs body(World&), which gives a Coro<void>, under options.seeds seeds. Throws ExploreFailure at
// the first that fails. The body must not depend on anything but its world: no real clock, no
// threads, no addresses.
template <class F>
ExploreResult explore(F&& body, const ExploreOptions& options = {},
                      std::source_location where = std::source_location::current()) {
  detail::BodyOf<F> stored(body);
  return detail::explore(stored, options, where);
}

// Exhaustive in place of random: for every choice of the tame run (and of the runs under
// options.seeds seeds, if that is not 0), one run in which only it is not tame: each cancellation
// of each task at each step, each allocation that fails, each late timer. Throws ExploreFailure.
template <class F>
ExploreResult explore_each(F&& body, const ExploreOptions& options = {.seeds = 0},
                           std::source_location where = std::source_location::current()) {
  detail::BodyOf<F> stored(body);
  return detail::explore_each(stored, options, where);
}

}  // namespace heddle::testing
