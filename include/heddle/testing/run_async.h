// run_async: runs a coroutine as a test does: on a virtual clock, with choices, a trace hash, a
// census, and a verdict when it is stuck.
//
//     testing::RunResult result = testing::run_async(scenario, {.seed = 16});
//
#pragma once

#include <heddle/asyncio/coroutine.h>
#include <heddle/asyncio/wait_list.h>
#include <heddle/core/clock.h>
#include <heddle/core/error.h>

#include <cstdint>
#include <vector>

namespace heddle::testing {

// Nothing can ever wake the loop again: no task is ready, no timer is set, nothing outside is
// awaited. The text lists who waits where.
class DeadlockError : public Error {
 public:
  using Error::Error;
};

// The run left something behind: frames, timers, watched descriptors, descriptors, threads.
class CensusError : public Error {
 public:
  using Error::Error;
};

// How a run is made.
struct RunOptions {
  std::uint64_t seed = 0;                              // of the choices; 0: all tame
  const std::vector<std::uint32_t>* replay = nullptr;  // recorded choices in place of a seed
  Nanoseconds start = 0;                               // of the virtual clock
  std::uint64_t steps_max =
      100'000'000;  // more handles run than that is a RuntimeError: a livelock
  bool census = true;
};

// What a run was like.
struct RunResult {
  std::uint64_t hash =
      0;  // of everything that happened, in order; equal for equal runs in every build
  std::uint64_t steps = 0;  // handles that ran
  Nanoseconds end = 0;      // virtual time at the end
  std::vector<std::uint32_t> choices;
};

// Runs body() to its end. Throws what it throws, DeadlockError, CensusError.
RunResult run_async(asyncio::Coro<void> (*body)(), const RunOptions& options = {});

// As above, for bodies with state: body.run() gives the coroutine.
class Body {
 public:
  virtual ~Body() = default;
  virtual asyncio::Coro<void> run() = 0;
};
RunResult run_async(Body& body, const RunOptions& options = {});

// For any callable; it must outlive the call.
template <class F>
RunResult run_async(F& function, const RunOptions& options = {}) {
  class Stored final : public Body {
   public:
    explicit Stored(F& f) : function_(f) {}
    asyncio::Coro<void> run() override { return function_(); }

   private:
    F& function_;
  } body(function);
  return run_async(static_cast<Body&>(body), options);
}

// Waits until all other tasks of the loop wait for something: no sleep, no guess. Served before
// time moves. Cancelled: throws CancelledError.
asyncio::WaitList::Awaiter wait_until_idle();

// Lets virtual time pass without a turn of the loop, as a callback does that computes for so long.
// REQUIRES: a virtual clock.
void block_for(Nanoseconds time);

}  // namespace heddle::testing
