// The machine behind ProcessPoolExecutor: one manager thread that talks to the workers.
#pragma once

#include <heddle/futures/process_pool_executor.h>
#include <heddle/threading/lock.h>
#include <heddle/threading/thread.h>

#include <deque>
#include <list>
#include <mutex>
#include <optional>

#include "core/fork.h"
#include "multiprocessing/spawn.h"
#include "threading/exit.h"

struct pollfd;

namespace heddle::futures {

// One worker process. Touched by the manager thread only.
class PoolWorker {
 public:
  explicit PoolWorker(const std::string& name);

  // What the last event brought.
  enum class News { none, ready, finished, lost };

  void send(RemoteJobRef job);
  // Moves bytes as far as the stream takes and gives them; completes the job whose answer is there.
  News exchange(short ready);
  bool idle() const noexcept { return ready_ && job_ == nullptr; }
  bool was_ready() const noexcept { return ready_; }
  bool wants_to_write() const noexcept { return sent_ < outgoing_.size(); }
  int socket() const noexcept { return child_.socket.get(); }
  int pidfd() const noexcept { return child_.pidfd.get(); }
  RemoteJobRef take_job() noexcept { return std::move(job_); }
  void kill() noexcept;
  // Closes the stream, which ends the worker, and waits for it. Says how it ended.
  std::string bury();

 private:
  bool flush();
  News receive();
  News take_frame();

  multiprocessing::Spawned child_;
  RemoteJobRef job_;
  std::string outgoing_;
  std::size_t sent_ = 0;
  std::string incoming_;
  bool ready_ = false;
};

// Shared by the executor and its manager thread.
struct ProcessPoolExecutor::Pool : threading::ExitHook, std::enable_shared_from_this<Pool> {
 public:
  Pool(std::size_t max_workers, ProcessPoolOptions options);

  void submit(JobRef job);
  void shutdown(ShutdownOptions options);
  void at_exit() noexcept override { shutdown({}); }

 private:
  void start_manager();  // with the lock held
  void manage() noexcept;
  bool finished();
  void dispatch();
  void start_workers();
  void wait_for_events();
  // Both give false when they broke the pool, which has no workers then.
  bool handle(std::list<PoolWorker>::iterator worker, short ready, bool ended);
  bool lose(std::list<PoolWorker>::iterator worker);
  void break_pool(const std::string& reason);
  void wake() noexcept;

  std::size_t max_workers_;
  ProcessPoolOptions options_;
  const std::uint32_t generation_ = core::fork_generation();  // of the process that has the workers
  multiprocessing::OwnedFd wake_;

  threading::Lock mutex_;  // of what follows, until the next comment
  std::deque<RemoteJobRef> pending_;
  bool shut_down_ = false;
  std::string broken_;
  std::optional<threading::Thread> manager_;

  // The manager's own.
  std::list<PoolWorker> workers_;
  unsigned workers_started_ = 0;
};

}  // namespace heddle::futures
