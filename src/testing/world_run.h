// WorldRun: the World of one run, with the harm that it does.
#pragma once

#include <heddle/testing/explore.h>

#include <memory>

#include "testing/allocation_faults.h"
#include "testing/run_hooks.h"
#include "testing/simulated_executor.h"

namespace heddle::testing {

// What a report to the exception handler becomes when the world does not expect it.
class ReportError : public Error {
 public:
  using Error::Error;
};

class WorldRun final : public World, public RunHooks, private AllocationFaults {
 public:
  WorldRun(std::uint64_t seed, Choices& choices) noexcept : World(seed), choices_(choices) {}
  ~WorldRun() override {
    set_allocation_faults(former_faults_);
    heddle::detail::use_free_lists(true);
  }

  void begins(asyncio::EventLoop& loop) override;
  void before_step() override;
  void body_ended(asyncio::EventLoop& loop) noexcept override;
  void failed(std::uint64_t steps, Nanoseconds time) noexcept override;

  // Throws ReportError when something was reported that was not expected.
  void check_reports() const;
  std::uint64_t steps() const noexcept { return steps_; }
  Nanoseconds time() const noexcept { return time_; }

 private:
  bool fails() override;
  // The main task, which is the oldest, and those that are spared may not.
  bool may_be_harmed(const asyncio::TaskCore& task) const;
  void faults_changed() override;

  Choices& choices_;
  asyncio::LoopCore* loop_ = nullptr;
  std::shared_ptr<SimulatedExecutor> executor_;
  AllocationFaults* former_faults_ = nullptr;
  std::string first_report_;
  std::uint64_t steps_ = 0;
  Nanoseconds time_ = 0;
  bool over_ = false;
};

}  // namespace heddle::testing
