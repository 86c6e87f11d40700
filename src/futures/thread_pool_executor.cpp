#include <heddle/futures/thread_pool_executor.h>
#include <heddle/threading/lock.h>
#include <heddle/threading/thread.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <deque>
#include <mutex>
#include <vector>

#include "core/cpu_count.h"
#include "core/futex.h"
#include "threading/exit.h"

namespace heddle::futures {

// Shared by the executor and its threads.
struct ThreadPoolExecutor::Pool : threading::ExitHook, std::enable_shared_from_this<Pool> {
  Pool(std::size_t limit, ThreadPoolOptions options)
      : max_workers(limit), options_(std::move(options)) {}

  void submit(std::unique_ptr<Job> job);
  void shutdown(ShutdownOptions options);
  void at_exit() noexcept override { shutdown({}); }

  std::size_t max_workers;

 private:
  void start_worker();  // with the lock held
  void work() noexcept;
  bool initialise() noexcept;
  std::unique_ptr<Job> next_job();
  void break_pool(const std::string& reason) noexcept;
  void signal_one() noexcept {
    epoch_.fetch_add(1, std::memory_order_release);
    core::wake(epoch_, 1);
  }
  void signal_all() noexcept {
    epoch_.fetch_add(1, std::memory_order_release);
    core::wake_all(epoch_);
  }

  ThreadPoolOptions options_;
  threading::Lock mutex_;
  std::deque<std::unique_ptr<Job>> jobs_;
  std::vector<threading::Thread> workers_;
  std::size_t waiting_ = 0;  // workers that wait for a signal, or have one and are not running yet
  bool shut_down_ = false;
  bool registered_ = false;
  std::string broken_;  // why, when it is
  std::atomic<std::uint32_t> epoch_{
      0};  // changes with every event that a waiting worker must look at
};

void ThreadPoolExecutor::Pool::submit(std::unique_ptr<Job> job) {
  std::lock_guard lock(mutex_);
  if (!broken_.empty()) throw BrokenThreadPool(broken_);
  if (threading::is_finalizing())
    throw RuntimeError("cannot schedule new futures after interpreter shutdown");
  if (shut_down_) throw RuntimeError("cannot schedule new futures after shutdown");
  if (!std::exchange(registered_, true)) threading::add_exit_hook(shared_from_this());
  jobs_.push_back(std::move(job));
  if (waiting_ > 0) signal_one();
  // A waiting worker is idle as long as there is no job for it in the queue.
  if (jobs_.size() <= waiting_ || workers_.size() >= max_workers) return;
  try {
    start_worker();
  } catch (...) {
    if (!workers_.empty()) return;  // those that run will come to it
    jobs_.pop_back();
    throw;
  }
}

void ThreadPoolExecutor::Pool::start_worker() {
  threading::ThreadOptions options;
  options.name(options_.prefix_ + "_" + std::to_string(workers_.size())).daemon(false);
  threading::Thread worker(std::move(options), [pool = shared_from_this()] { pool->work(); });
  worker.start();
  workers_.push_back(std::move(worker));
}

bool ThreadPoolExecutor::Pool::initialise() noexcept {
  if (!options_.initializer_) return true;
  try {
    options_.initializer_->call();
    return true;
  } catch (...) {
    std::string text = "Exception in initializer:\n  " + describe(std::current_exception()) + "\n";
    std::fputs(text.c_str(), stderr);
    break_pool("A thread initializer failed, the thread pool is not usable anymore: " +
               describe(std::current_exception()));
    return false;
  }
}

void ThreadPoolExecutor::Pool::break_pool(const std::string& reason) noexcept {
  std::deque<std::unique_ptr<Job>> lost;
  {
    std::lock_guard lock(mutex_);
    broken_ = reason;
    lost.swap(jobs_);
  }
  for (auto& job : lost)
    job->future().finish_unless_done(std::make_exception_ptr(BrokenThreadPool(reason)));
  signal_all();
}

void ThreadPoolExecutor::Pool::work() noexcept {
  if (!initialise()) return;
  while (std::unique_ptr<Job> job = next_job()) job->run();
}

// Waits for a job; null when there will be none.
std::unique_ptr<Job> ThreadPoolExecutor::Pool::next_job() {
  std::unique_lock lock(mutex_);
  while (jobs_.empty()) {
    if (shut_down_ || !broken_.empty()) return nullptr;
    std::uint32_t seen = epoch_.load(std::memory_order_acquire);
    ++waiting_;
    lock.unlock();
    core::wait_while_equal(epoch_, seen, time_max);
    lock.lock();
    --waiting_;
  }
  std::unique_ptr<Job> job = std::move(jobs_.front());
  jobs_.pop_front();
  return job;
}

void ThreadPoolExecutor::Pool::shutdown(ShutdownOptions options) {
  std::deque<std::unique_ptr<Job>> cancelled;
  std::vector<threading::Thread> workers;
  {
    std::lock_guard lock(mutex_);
    shut_down_ = true;
    if (options.cancel_futures) cancelled.swap(jobs_);
    if (options.wait) workers = workers_;
  }
  signal_all();
  for (auto& job : cancelled) {
    if (job->future().cancel()) job->run();  // marks it as notified
  }
  for (auto& worker : workers) {
    // A job may hold the last handle on its own pool, and then shuts it down from inside.
    if (worker != threading::current_thread()) worker.join();
  }
}

namespace {

std::size_t checked(std::ptrdiff_t max_workers) {
  if (max_workers <= 0) throw ValueError("max_workers must be greater than 0");
  return static_cast<std::size_t>(max_workers);
}

ThreadPoolOptions with_prefix(ThreadPoolOptions options) {
  static std::atomic<unsigned> counter{0};
  if (options.prefix_.empty()) {
    options.prefix_ =
        "ThreadPoolExecutor-" + std::to_string(counter.fetch_add(1, std::memory_order_relaxed));
  }
  return options;
}

}  // namespace

ThreadPoolExecutor::ThreadPoolExecutor(ThreadPoolOptions options)
    : ThreadPoolExecutor(std::min<std::ptrdiff_t>(32, core::cpu_count() + 4), std::move(options)) {}

ThreadPoolExecutor::ThreadPoolExecutor(std::ptrdiff_t max_workers, ThreadPoolOptions options)
    : pool_(std::make_shared<Pool>(checked(max_workers), with_prefix(std::move(options)))) {}

ThreadPoolExecutor::~ThreadPoolExecutor() { shutdown({}); }

void ThreadPoolExecutor::schedule(std::unique_ptr<Job> job) { pool_->submit(std::move(job)); }
void ThreadPoolExecutor::shutdown(ShutdownOptions options) { pool_->shutdown(options); }

}  // namespace heddle::futures
