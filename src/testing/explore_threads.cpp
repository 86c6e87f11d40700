#include <heddle/testing/explore_threads.h>

#include <heddle/core/type_name.h>
#include <heddle/threading/excepthook.h>
#include <heddle/threading/thread.h>

#include <memory>

#include "asyncio/function_name.h"
#include "core/kernel.h"
#include "testing/baton.h"
#include "testing/replay.h"
#include "testing/shrink.h"
#include "testing/unseen.h"
#include "threading/exit.h"

namespace heddle::testing {

namespace {

using List = std::vector<std::uint32_t>;

// One run, and how it ended.
struct Outcome {
  std::string kind;  // of the failure; "" for none
  std::string text;
  std::uint64_t steps = 0;
  std::uint64_t switches = 0;
  std::uint64_t hash = 0;
  Nanoseconds time = 0;
  bool all_ended = true;
  List choices;
  std::vector<Choices::Site> sites;
};

// What a run that was given up leaves behind. Its threads still point at it.
std::vector<std::unique_ptr<Baton>>& graveyard() {
  static auto* batons = new std::vector<std::unique_ptr<Baton>>;
  return *batons;
}

class Explorer {
 public:
  Explorer(detail::ThreadBody& body, const ExploreThreadsOptions& options, std::string name)
      : body_(body), options_(options), name_(std::move(name)) {
    // What leaves a thread of the run as an exception fails the run.
    threading::set_excepthook([](const threading::ExceptHookArgs& args) {
      BatonThread* thread = baton_thread();
      if (thread == nullptr) return threading::default_excepthook(args);
      thread->baton->fail(type_name(args.exception),
                          "in thread '" + thread->name + "': " + describe(args.exception));
    });
  }
  Explorer(const Explorer&) = delete;
  Explorer& operator=(const Explorer&) = delete;
  ~Explorer() { threading::install_excepthook(nullptr); }

  ExploreThreadsResult explore();

 private:
  Outcome run_once(Scheduler& scheduler, std::uint64_t seed, const List* replay, bool record);
  bool replays(ExploreThreadsResult& total);
  [[noreturn]] void fail(std::uint64_t seed, const Outcome& first, std::uint32_t shrink_runs);
  void check_twice(Scheduler& scheduler, std::uint64_t seed, const Outcome& first);

  detail::ThreadBody& body_;
  const ExploreThreadsOptions& options_;
  std::string name_;
  std::uint32_t given_up_ = 0;
};

Outcome Explorer::run_once(Scheduler& scheduler, std::uint64_t seed, const List* replay,
                           bool record) {
  Outcome outcome;
  std::unique_ptr<Choices> choices(replay != nullptr ? new Choices(*replay) : new Choices(seed));
  if (record) choices->record_sites();
  BatonLimits limits{.early_timeouts = options_.early_timeouts,
                     .spurious_wakes = options_.spurious_wakes,
                     .steps_max = options_.steps_max,
                     .virtual_max = options_.virtual_max};
  auto baton = std::make_unique<Baton>(seed, limits, *choices, scheduler);
  scheduler.begin(seed);
  threading::ExitHooks hooks = threading::exchange_exit_hooks({});
  outcome.all_ended = baton->run(body_);
  threading::exchange_exit_hooks(std::move(hooks));
  Unseen unseen;
  outcome.kind = baton->kind();
  outcome.text = baton->text();
  outcome.steps = baton->steps();
  outcome.switches = baton->switches();
  outcome.hash = baton->hash();
  outcome.time = baton->time();
  outcome.choices = choices->choices();
  outcome.sites = choices->sites();
  if (!outcome.all_ended) {
    ++given_up_;
    baton->leave_behind();
    graveyard().push_back(std::move(baton));
  }
  return outcome;
}

void Explorer::fail(std::uint64_t seed, const Outcome& first, std::uint32_t shrink_runs) {
  auto tame = make_tame_scheduler();
  given_up_ = 0;
  auto fails_alike = [&](const List& candidate) {
    constexpr std::uint32_t given_up_max = 200;  // each leaves its threads behind
    return given_up_ < given_up_max && run_once(*tame, 0, &candidate, false).kind == first.kind;
  };
  List shrunk = shrink(first.choices, fails_alike, shrink_runs);
  Outcome last = run_once(*tame, 0, &shrunk, true);
  const Outcome& shown = last.kind.empty() ? first : last;
  std::size_t harm = 0;
  for (std::uint32_t choice : shrunk) harm += choice != 0;
  std::string text =
      name_ + " failed: " + (seed != 0 ? "seed " + std::to_string(seed) : std::string("replay")) +
      ", step " + std::to_string(shown.steps) + ", " + replay::seconds(shown.time) +
      " s virtual: " + shown.text + "\n  shrunk from " + std::to_string(first.choices.size()) +
      " choices to " + std::to_string(harm) + ":" + replay::list_of(last.choices, last.sites) +
      "\n  replay: HEDDLE_REPLAY='" + name_ + ":" + replay::encode(shrunk) + "' <this program>";
  throw ExploreFailure(text, seed, std::move(shrunk));
}

bool Explorer::replays(ExploreThreadsResult& total) {
  std::optional<replay::Replay> wanted = replay::wanted_replay();
  if (!wanted) return false;
  if (wanted->name != name_) return true;
  auto tame = make_tame_scheduler();
  Outcome outcome = run_once(*tame, 0, &wanted->choices, true);
  if (!outcome.kind.empty()) fail(0, outcome, 0);
  total.schedules = 1;
  return true;
}

void Explorer::check_twice(Scheduler& scheduler, std::uint64_t seed, const Outcome& first) {
  if (run_once(scheduler, seed, nullptr, false).hash == first.hash) return;
  throw ExploreFailure(
      name_ + " failed: seed " + std::to_string(seed) +
          " ran differently the second time: the body depends on something that is "
          "not the world's",
      seed, {});
}

ExploreThreadsResult Explorer::explore() {
  ExploreThreadsResult total;
  if (replays(total)) return total;
  auto tame = make_tame_scheduler();
  Outcome base = run_once(*tame, 0, nullptr, false);
  if (!base.kind.empty()) fail(0, base, 0);
  std::unique_ptr<Scheduler> scheduler = make_scheduler(options_.schedule, base.steps);
  for (std::uint64_t i = 0; i < options_.seeds; ++i) {
    std::uint64_t seed = options_.first_seed + i;
    Outcome outcome = run_once(*scheduler, seed, nullptr, false);
    if (!outcome.kind.empty()) fail(seed, outcome, options_.shrink_runs);
    if (options_.check_determinism && i % 100 == 0) check_twice(*scheduler, seed, outcome);
    ++total.schedules;
    total.steps += outcome.steps;
    total.switches += outcome.switches;
    total.hash = total.hash * 31 + outcome.hash;
    if (!scheduler->end()) {
      total.complete = true;
      break;
    }
  }
  return total;
}

}  // namespace

ExploreThreadsResult detail::explore_threads(ThreadBody& body, const ExploreThreadsOptions& options,
                                             const std::source_location& where) {
  if (!core::kernel_is_replaceable)
    throw RuntimeError(
        "explore_threads() needs a build with HEDDLE_FAULT_INJECTION: in a release build threads "
        "cannot be held up");
  if (baton_thread() != nullptr)
    throw RuntimeError(
        "explore_threads() cannot be called in a thread of another explore_threads()");
  std::string name = options.name != nullptr ? options.name : asyncio::detail::function_name(where);
  return Explorer(body, options, std::move(name)).explore();
}

}  // namespace heddle::testing
