// The machine behind ThreadPoolExecutor, shared by the executor and its threads.
#pragma once

#include <heddle/futures/thread_pool_executor.h>
#include <heddle/threading/lock.h>
#include <heddle/threading/thread.h>

#include <atomic>
#include <mutex>
#include <string>
#include <vector>

#include "core/spin.h"
#include "futures/helping.h"
#include "futures/inbox.h"
#include "futures/sleepers.h"
#include "threading/exit.h"

namespace heddle::futures {

struct ThreadPoolExecutor::Pool final : threading::ExitHook,
                                        WorkerPool,
                                        std::enable_shared_from_this<Pool> {
 public:
  Pool(std::size_t limit, ThreadPoolOptions options);
  ~Pool() override;

  void submit(JobRef job);
  void shutdown(ShutdownOptions options) noexcept;
  void at_exit() noexcept override { shutdown({}); }
  void run(FutureCore& job) noexcept override;

 private:
  enum Closed : std::uint32_t { shut_down = 1, broken = 2 };

  // Workers
  void require_worker(FutureCore& job);
  bool start_worker();
  void work() noexcept;
  bool initialise() noexcept;
  void break_pool(const std::string& reason) noexcept;
  bool below_maximum() const noexcept {
    return started_.load(std::memory_order_relaxed) < max_workers_;
  }

  // The queue
  bool queue_empty() const noexcept {
    return inbox_.empty() && ready_.load(std::memory_order_seq_cst) == nullptr;
  }
  bool empty_for_good();
  FutureCore* take() noexcept;
  FutureCore* next_job(bool was_idle) noexcept;
  bool may_spin() const noexcept;
  FutureCore* take_everything() noexcept;
  void wake_for_work() noexcept;
  bool sleep_until_claimed() noexcept;
  void wake_everybody() noexcept;
  void withdraw(FutureCore& job);

  // The bound
  void wait_for_room();
  void make_room(std::uint32_t places) noexcept;

  // True in a child of fork() of the process that has the workers.
  bool left_behind() const noexcept;
  bool closed() const noexcept { return closed_.load(std::memory_order_seq_cst) != 0; }
  [[noreturn]] void refuse();

  const std::size_t max_workers_;
  const ThreadPoolOptions options_;

  // Written by those who submit.
  alignas(64) Inbox<FutureCore> inbox_;
  std::atomic<std::uint32_t> queued_{0};  // kept with a queue limit only
  std::atomic<std::uint32_t> room_{0};    // changes when there may be room again

  // Written by workers.
  alignas(64) threading::Lock take_lock_;
  std::atomic<FutureCore*> ready_{
      nullptr};  // taken out of the inbox, oldest first; written under take_lock_

  // Written when a worker falls asleep or is woken, and when workers are made.
  alignas(64) Sleepers<> sleepers_;
  std::atomic<std::uint32_t> claims_{0};  // wake-ups that nobody has taken yet, and all_awake
  std::atomic<std::uint32_t> closed_{0};
  std::atomic<std::size_t> started_{0};
  std::atomic<std::uint32_t> generation_{0};  // of the process that made the first worker
  // Idle workers less queued jobs, as long as there are fewer workers than there may be.
  std::atomic<std::ptrdiff_t> balance_{0};
  core::Spin spin_;

  threading::Lock mutex_;  // of what follows
  std::vector<threading::Thread> workers_;
  std::vector<SharedRef<FutureCore>> stoppable_;  // that run
  bool registered_ = false;
  std::string reason_;  // why it is broken
};

}  // namespace heddle::futures
