// SimulatedExecutor: runs jobs in the loop's own thread, at times that choose() picks.
#pragma once

#include <heddle/asyncio/event_loop.h>
#include <heddle/futures/executor.h>
#include <heddle/testing/world.h>

#include <deque>

namespace heddle::testing {

class SimulatedExecutor final : public futures::Executor {
 public:
  SimulatedExecutor(World& world, asyncio::EventLoop loop) noexcept
      : world_(world), loop_(std::move(loop)) {}

  // A job begins after 0 to 3 ms of virtual time, in any order, and its result lands at once; or
  // its worker dies before it runs.
  void schedule(futures::JobRef job) override;
  void shutdown(futures::ShutdownOptions options) override;
  // The world ends: no job begins any more.
  void drop_jobs() noexcept;

 private:
  void run(std::uint64_t id);

  World& world_;
  asyncio::EventLoop loop_;
  std::deque<std::pair<std::uint64_t, futures::JobRef>> jobs_;
  std::uint64_t last_id_ = 0;
  bool shut_down_ = false;
};

}  // namespace heddle::testing
