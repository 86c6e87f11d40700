#include <heddle/testing/explore.h>

#include <heddle/core/type_name.h>

#include <optional>

#include "asyncio/function_name.h"
#include "testing/replay.h"
#include "testing/shrink.h"
#include "testing/world_run.h"

namespace heddle::testing {

namespace {

using List = std::vector<std::uint32_t>;
using replay::encode;
using replay::list_of;
using replay::Replay;
using replay::seconds;
using replay::wanted_replay;

// One run, and how it ended.
struct Outcome {
  std::exception_ptr failure;
  RunResult result;
  std::uint64_t cancels = 0;
  std::uint64_t steps = 0;
  Nanoseconds time = 0;
  List choices;
  std::vector<Choices::Site> sites;
};

Outcome run_once(detail::WorldBody& body, const ExploreOptions& options, std::uint64_t seed,
                 const List* replay, bool record) {
  class Bound final : public Body {
   public:
    Bound(detail::WorldBody& inner, World& world) noexcept : inner_(inner), world_(world) {}
    asyncio::Coro<void> run() override { return inner_.run(world_); }

   private:
    detail::WorldBody& inner_;
    World& world_;
  };
  Outcome outcome;
  std::int64_t live = heddle::detail::live_allocations();
  {
    Choices choices = replay != nullptr ? Choices(*replay) : Choices(seed);
    if (record) choices.record_sites();
    WorldRun world(seed, choices);
    Bound bound(body, world);
    RunOptions run;
    run.steps_max = options.steps_max;
    run.census = false;
    try {
      outcome.result = run_with_hooks(bound, run, choices, &world);
      world.check_reports();
      if (outcome.result.end > options.virtual_max)
        throw RuntimeError("the run took more virtual time than virtual_max");
    } catch (...) {
      outcome.failure = std::current_exception();
    }
    outcome.cancels = world.cancels();
    outcome.steps = outcome.failure ? world.steps() : outcome.result.steps;
    outcome.time = outcome.failure ? world.time() : outcome.result.end;
    outcome.choices = choices.choices();
    outcome.sites = choices.sites();
  }
  std::int64_t left = heddle::detail::live_allocations() - live;
  if (!outcome.failure && left != 0) {
    outcome.failure = std::make_exception_ptr(
        CensusError("the run left behind: " + std::to_string(left) + " frames, tasks or handles"));
  }
  return outcome;
}

[[noreturn]] void fail(detail::WorldBody& body, const ExploreOptions& options,
                       const std::string& name, std::uint64_t seed, const Outcome& first) {
  std::string kind = type_name(first.failure);
  auto fails_alike = [&](const List& candidate) {
    Outcome outcome = run_once(body, options, 0, &candidate, false);
    return outcome.failure && type_name(outcome.failure) == kind;
  };
  List shrunk = shrink(first.choices, fails_alike, options.shrink_runs);
  Outcome last = run_once(body, options, 0, &shrunk, true);
  const Outcome& shown = last.failure ? last : first;
  std::size_t harm = 0;
  for (std::uint32_t choice : shrunk) harm += choice != 0;
  std::string text =
      name + " failed: " + (seed != 0 ? "seed " + std::to_string(seed) : std::string("replay")) +
      ", step " + std::to_string(shown.steps) + ", " + seconds(shown.time) +
      " s virtual: " + describe(shown.failure) + "\n  shrunk from " +
      std::to_string(first.choices.size()) + " choices to " + std::to_string(harm) + ":" +
      list_of(last.choices, last.sites) + "\n  replay: HEDDLE_REPLAY='" + name + ":" +
      encode(shrunk) + "' <this program>";
  throw ExploreFailure(text, seed, std::move(shrunk));
}

// The runs that differ from one run in a single choice.
class EachChoice {
 public:
  EachChoice(detail::WorldBody& body, const ExploreOptions& options, std::string name,
             ExploreResult& total)
      : body_(body), options_(options), name_(std::move(name)), total_(total) {}

  void around(const Outcome& base) {
    for (std::size_t i = 0; i < base.sites.size(); ++i) {
      std::uint32_t n = base.sites[i].n;
      if (n >= 1000) {
        harm(base.choices, i, n - 1);  // a chance: it happens
      } else {
        for (std::uint32_t answer = 0; answer < n; ++answer) {
          if (answer != base.choices[i]) run(with(base.choices, i, answer));
        }
      }
    }
  }

 private:
  static List with(const List& base, std::size_t index, std::uint32_t answer) {
    List choices(base.begin(), base.begin() + static_cast<std::ptrdiff_t>(index));
    choices.push_back(answer);
    return choices;
  }
  // A harm may ask to whom: then one run for each.
  void harm(const List& base, std::size_t index, std::uint32_t answer) {
    List choices = with(base, index, answer);
    Outcome first = run(choices);
    if (first.sites.size() <= index + 1) return;
    if (std::string(first.sites[index + 1].name) != "world.victim") return;
    for (std::uint32_t victim = 1; victim < first.sites[index + 1].n; ++victim) {
      List other = choices;
      other.push_back(victim);
      run(other);
    }
  }
  Outcome run(const List& choices) {
    Outcome outcome = run_once(body_, options_, 0, &choices, true);
    if (outcome.failure) fail(body_, options_, name_, 0, outcome);
    ++total_.worlds;
    total_.steps += outcome.steps;
    total_.cancels += outcome.cancels;
    return outcome;
  }

  detail::WorldBody& body_;
  const ExploreOptions& options_;
  std::string name_;
  ExploreResult& total_;
};

}  // namespace

ExploreResult detail::explore_each(WorldBody& body, const ExploreOptions& options,
                                   const std::source_location& where) {
  std::string name = options.name != nullptr ? options.name : asyncio::detail::function_name(where);
  if (wanted_replay()) return explore(body, options, where);
  ExploreResult total;
  EachChoice each(body, options, name, total);
  for (std::uint64_t i = 0; i <= options.seeds; ++i) {
    std::uint64_t seed = i == 0 ? 0 : options.first_seed + i - 1;
    Outcome base = run_once(body, options, seed, nullptr, true);
    if (base.failure) fail(body, options, name, seed, base);
    each.around(base);
  }
  return total;
}

ExploreResult detail::explore(WorldBody& body, const ExploreOptions& options,
                              const std::source_location& where) {
  std::string name = options.name != nullptr ? options.name : asyncio::detail::function_name(where);
  ExploreResult total;
  if (std::optional<Replay> replay = wanted_replay()) {
    if (replay->name != name) return total;
    Outcome outcome = run_once(body, options, 0, &replay->choices, true);
    if (outcome.failure) {
      ExploreOptions as_is = options;
      as_is.shrink_runs = 0;
      fail(body, as_is, name, 0, outcome);
    }
    total.worlds = 1;
    return total;
  }
  for (std::uint64_t i = 0; i < options.seeds; ++i) {
    std::uint64_t seed = options.first_seed + i;
    Outcome outcome = run_once(body, options, seed, nullptr, false);
    if (!outcome.failure && options.check_determinism && i % 100 == 0) {
      Outcome again = run_once(body, options, seed, nullptr, false);
      if (again.result.hash != outcome.result.hash) {
        throw ExploreFailure(name + " failed: seed " + std::to_string(seed) +
                                 " ran differently the second time: the body depends on something "
                                 "that is not the world's",
                             seed, {});
      }
    }
    if (outcome.failure) fail(body, options, name, seed, outcome);
    ++total.worlds;
    total.steps += outcome.steps;
    total.cancels += outcome.cancels;
    total.hash = total.hash * 31 + outcome.result.hash;
  }
  return total;
}

}  // namespace heddle::testing
