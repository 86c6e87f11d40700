#include <heddle/testing/world.h>

#include <algorithm>

#include "asyncio/loop_core.h"
#include "testing/world_run.h"

namespace heddle::testing {

using asyncio::TaskCore;

void expect(bool condition, const std::string& what) {
  if (!condition) throw ExpectationError(what);
}

bool World::chance(double probability, const char* site) {
  constexpr std::uint32_t parts = 10'000;
  if (probability <= 0) return false;
  // The highest answers mean yes, so that lowering a choice makes it no.
  auto yes = static_cast<std::uint32_t>(probability * parts);
  return heddle::choose(parts, site) >= parts - std::clamp<std::uint32_t>(yes, 1, parts);
}

void World::faults(const Faults& faults) {
  for (double probability : {faults.cancel, faults.allocation, faults.worker_dies}) {
    if (!(probability >= 0 && probability <= 1))
      throw ValueError("a probability must be between 0 and 1");
  }
  faults_ = faults;
  faults_changed();
}

void World::spare(const asyncio::AnyTask& task) { spared_.push_back(task); }

void WorldRun::begins(asyncio::EventLoop& loop) {
  loop_ = &loop.core();
  executor_ = std::make_shared<SimulatedExecutor>(*this, loop);
  loop.set_default_executor(executor_);
  loop.set_exception_handler([this](asyncio::EventLoop&, const asyncio::ExceptionContext& context) {
    if (!first_report_.empty()) return;
    first_report_ = context.message;
    if (context.exception) first_report_ += ": " + describe(context.exception);
    if (!context.subject.empty()) first_report_ += " (" + context.subject + ")";
  });
}

bool WorldRun::may_be_harmed(const TaskCore& task) const {
  if (static_cast<const asyncio::detail::AllTasksNode*>(&task) == loop_->tasks().first())
    return false;
  return std::none_of(spared_.begin(), spared_.end(),
                      [&](const asyncio::AnyTask& each) { return each.core().get() == &task; });
}

void WorldRun::before_step() {
  if (over_ || !chance(faults_.cancel, "world.cancel")) return;
  // Everything but the main task, which is the oldest, and those that are spared.
  std::vector<TaskCore*> victims;
  auto& tasks = loop_->tasks();
  auto* node = tasks.first();
  while (node != nullptr && (node = tasks.next(*node)) != nullptr) {
    auto& task = static_cast<TaskCore&>(*node);
    if (may_be_harmed(task)) victims.push_back(&task);
  }
  if (victims.empty()) return;
  TaskCore& victim =
      *victims[heddle::choose(static_cast<std::uint32_t>(victims.size()), "world.victim")];
  if (choices_.wants_notes()) {
    std::vector<std::string> chain = victim.await_chain();
    choices_.note("cancel " + victim.name() + (chain.empty() ? "" : " at " + chain.front()));
  }
  ++cancels_;
  victim.cancel({});
}

void WorldRun::body_ended(asyncio::EventLoop& loop) noexcept {
  over_ = true;
  set_allocation_faults(former_faults_);
  heddle::detail::use_free_lists(true);
  former_faults_ = nullptr;
  executor_->drop_jobs();
  if (!loop.is_closed()) loop.core().take_executor();
  spared_.clear();
}

void WorldRun::failed(std::uint64_t steps, Nanoseconds time) noexcept {
  steps_ = steps;
  time_ = time;
}

void WorldRun::check_reports() const {
  if (!reports_allowed_ && !first_report_.empty())
    throw ReportError("the exception handler was told: " + first_report_);
}

bool WorldRun::fails() {
  const TaskCore* running = heddle::detail::thread_state.task;
  if (over_ || choices_.busy() || running == nullptr || !may_be_harmed(*running)) return false;
  if (!chance(faults_.allocation, "world.allocation")) return false;
  choices_.note("an allocation fails");
  return true;
}

void WorldRun::faults_changed() {
  if (faults_.allocation > 0) {
    heddle::detail::use_free_lists(false);
    AllocationFaults* former = set_allocation_faults(this);
    if (former != this) former_faults_ = former;
  } else {
    set_allocation_faults(former_faults_);
    heddle::detail::use_free_lists(true);
  }
}

}  // namespace heddle::testing
