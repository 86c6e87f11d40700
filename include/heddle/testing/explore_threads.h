// explore_threads: runs real threads one at a time, under many schedules, and makes a failure small
// and repeatable.
//
//     testing::explore_threads([](testing::ThreadWorld&) {
//       int served = 0;
//       threading::Lock lock;
//       futures::ThreadPoolExecutor pool(2);
//       for (int i = 0; i < 3; ++i) pool.submit([&] { std::lock_guard held(lock); ++served; });
//       pool.shutdown();
//       testing::expect_equal(served, 3);
//     }, {.seeds = 2000});
//
// The body runs in a thread of its own; it and every thread of heddle that comes from it pass a
// baton on: only who holds it runs. Whoever comes to a lock, a wait, a wake-up, a queue's or
// executor's step, a poll of a loop or the start or end of a thread may lose it: that is a choice,
// and a run is the list of its choices. Time is virtual: it jumps to the next deadline when nobody
// can run, or, by choice, while others still could.
//
// A failure is whatever leaves the body or another thread as an exception, a deadlock (the text
// says who waits where), and a run that never ends. It is thrown as an ExploreFailure, as explore()
// does, with the seed, the shrunk choices and the line that replays them; HEDDLE_REPLAY works as
// there. The threads of a deadlock cannot be unwound: they stay behind, asleep, until the program
// ends.
//
// Threads that heddle did not make (std::thread) are not seen, and neither are waits outside of
// heddle (std::mutex, a blocking read): a thread that holds the baton there stops all, and the run
// is aborted with its name after a minute. Memory orders are not explored: what one thread does,
// the next one sees.
#pragma once

#include <heddle/core/delay.h>
#include <heddle/testing/explore.h>

#include <cstdint>
#include <source_location>
#include <string>

namespace heddle::testing {

// How the schedules of explore_threads() are picked.
class Schedule {
 public:
  enum class Kind { mixed, random, pct, dfs };

  // By turns: random, pct(2), pct(3).
  static constexpr Schedule mixed() noexcept { return {Kind::mixed, 0}; }
  // Each time any thread that can run, all alike.
  static constexpr Schedule random() noexcept { return {Kind::random, 0}; }
  // Random priorities, which change at `depth` - 1 steps of a run: finds a bug that takes `depth`
  // events in one order with a probability that does not shrink with the length of the run.
  static constexpr Schedule pct(std::uint32_t depth) noexcept { return {Kind::pct, depth}; }
  // All of them in which a thread that could go on is stopped at most `preemptions` times; a
  // timeout that is early, a wake-up without a reason or out of order count as one each.
  // ExploreOptions of seeds is then the largest number of runs.
  static constexpr Schedule dfs(std::uint32_t preemptions) noexcept {
    return {Kind::dfs, preemptions};
  }

  constexpr Kind kind() const noexcept { return kind_; }
  constexpr std::uint32_t bound() const noexcept { return bound_; }

 private:
  constexpr Schedule(Kind kind, std::uint32_t bound) noexcept : kind_(kind), bound_(bound) {}
  Kind kind_;
  std::uint32_t bound_;
};

struct ExploreThreadsOptions {
  std::uint64_t seeds = 1000;  // schedules
  std::uint64_t first_seed = 1;
  Schedule schedule = Schedule::mixed();
  bool early_timeouts = true;                    // time may pass while threads could run
  bool spurious_wakes = true;                    // a wait may end without a reason, and is repeated
  std::uint64_t steps_max = 100'000;             // more is a failure: the run does not end
  Nanoseconds virtual_max = 86'400'000'000'000;  // so is more virtual time than this: a day
  std::uint32_t shrink_runs = 500;               // runs that shrinking may take
  bool check_determinism = true;                 // one seed in a hundred runs twice
  const char* name = nullptr;                    // in the replay line; the function's by default
};

// What explore_threads() saw.
class ExploreThreadsResult {
 public:
  std::uint64_t schedules = 0;
  std::uint64_t steps = 0;     // switch points of all schedules
  std::uint64_t switches = 0;  // how often the baton went to another thread
  std::uint64_t hash = 0;      // of all runs; equal in every build
  bool complete = false;       // dfs: there is no further schedule within the bound
};

// What the body of a run is given. Thread-safe, in the threads of the run.
class ThreadWorld {
 public:
  ThreadWorld(const ThreadWorld&) = delete;
  ThreadWorld& operator=(const ThreadWorld&) = delete;

  // The seed of this run; 0 when choices are replayed, and for the run in which all are tame.
  std::uint64_t seed() const noexcept { return seed_; }
  // A number in [0, n); 0 is the tame one. site: a constant name.
  std::uint32_t choose(std::uint32_t n, const char* site);
  // Another thread may go first here.
  void point(const char* site);
  // Lets virtual time pass for this thread.
  void sleep(Delay delay);
  // Virtual time, in nanoseconds.
  Nanoseconds now() const;

 protected:
  explicit ThreadWorld(std::uint64_t seed) noexcept : seed_(seed) {}
  ~ThreadWorld() = default;

 private:
  std::uint64_t seed_;
};

namespace detail {

class ThreadBody {
 public:
  virtual void run(ThreadWorld& world) = 0;

 protected:
  ~ThreadBody() = default;
};

ExploreThreadsResult explore_threads(ThreadBody& body, const ExploreThreadsOptions& options,
                                     const std::source_location& where);

}  // namespace detail

// Runs body(ThreadWorld&) under options.seeds schedules, after one in which every choice is tame.
// Throws ExploreFailure at the first that fails; RuntimeError in release builds, where nothing can
// be held up, and in a thread of another explore_threads(). The body must not depend on anything
// but its world.
template <class F>
ExploreThreadsResult explore_threads(F&& body, const ExploreThreadsOptions& options = {},
                                     std::source_location where = std::source_location::current()) {
  class Stored final : public detail::ThreadBody {
   public:
    explicit Stored(F& function) noexcept : function_(function) {}
    void run(ThreadWorld& world) override { function_(world); }

   private:
    F& function_;
  } stored(body);
  return detail::explore_threads(stored, options, where);
}

}  // namespace heddle::testing
