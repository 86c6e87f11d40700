#include "testing/simulated_executor.h"

#include <algorithm>
#include <chrono>

#include "asyncio/loop_core.h"

namespace heddle::testing {

void SimulatedExecutor::schedule(futures::JobRef job) {
  if (shut_down_) throw RuntimeError("cannot schedule new futures after shutdown");
  std::uint64_t id = ++last_id_;
  jobs_.emplace_back(id, std::move(job));
  std::chrono::milliseconds begins{choose(4, "executor.begins")};
  try {
    loop_.call_later(begins, [this, id] { run(id); });
  } catch (...) {
    jobs_.pop_back();
    throw;
  }
  // The loop is about to count this as something outside that it has to wait for. It is not: time
  // may jump to it.
  loop_.core().end_external();
}

void SimulatedExecutor::run(std::uint64_t id) {
  auto found = std::find_if(jobs_.begin(), jobs_.end(),
                            [id](const auto& entry) { return entry.first == id; });
  if (found == jobs_.end()) return;
  futures::JobRef job = std::move(found->second);
  jobs_.erase(found);
  loop_.core().begin_external();  // as before schedule(): what comes now comes from outside
  if (world_.chance(world_.faults().worker_dies, "executor.worker_dies")) {
    job->finish_unless_done(std::make_exception_ptr(BrokenExecutor("the worker of this job died")));
  } else {
    job->run();
  }
}

void SimulatedExecutor::shutdown(futures::ShutdownOptions options) {
  shut_down_ = true;
  if (options.cancel_futures) drop_jobs();
}

void SimulatedExecutor::drop_jobs() noexcept {
  shut_down_ = true;
  while (!jobs_.empty()) {
    futures::JobRef job = std::move(jobs_.front().second);
    jobs_.pop_front();
    loop_.core().begin_external();
    job->cancel();
  }
}

}  // namespace heddle::testing
