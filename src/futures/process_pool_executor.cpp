#include <heddle/futures/process_pool_executor.h>
#include <heddle/multiprocessing/process.h>
#include <poll.h>

#include <cerrno>
#include <system_error>

#include "core/cpu_count.h"
#include "core/kernel.h"
#include "futures/process_pool.h"
#include "multiprocessing/self.h"

namespace heddle::futures {

using core::Kernel;

namespace {

std::size_t checked(std::ptrdiff_t max_workers) {
  if (max_workers <= 0) throw ValueError("max_workers must be greater than 0");
  multiprocessing::require_init();
  return static_cast<std::size_t>(max_workers);
}

}  // namespace

ProcessPoolExecutor::ProcessPoolExecutor(ProcessPoolOptions options)
    : ProcessPoolExecutor(core::cpu_count(), options) {}

ProcessPoolExecutor::ProcessPoolExecutor(std::ptrdiff_t max_workers, ProcessPoolOptions options)
    : pool_(std::make_shared<Pool>(checked(max_workers), options)) {}

ProcessPoolExecutor::~ProcessPoolExecutor() { shutdown({}); }

void ProcessPoolExecutor::schedule(JobRef job) { pool_->submit(std::move(job)); }
void ProcessPoolExecutor::shutdown(ShutdownOptions options) { pool_->shutdown(options); }

ProcessPoolExecutor::Pool::Pool(std::size_t max_workers, ProcessPoolOptions options)
    : max_workers_(max_workers), options_(options), wake_(Kernel::eventfd()) {
  if (wake_.get() < 0)
    throw std::system_error(errno, std::system_category(), "process pool: eventfd");
}

void ProcessPoolExecutor::Pool::wake() noexcept {
  std::uint64_t one = 1;
  static_cast<void>(Kernel::write(wake_.get(), &one, sizeof one));
}

void ProcessPoolExecutor::Pool::submit(JobRef job) {
  auto* remote = dynamic_cast<RemoteJob*>(job.get());
  if (remote == nullptr) {
    job->finish_unless_done(
        std::make_exception_ptr(TypeError("this call cannot be sent to another process: submit it "
                                          "through the ProcessPoolExecutor itself")));
    return;
  }
  if (generation_ != core::fork_generation()) {
    throw RuntimeError(
        "cannot schedule new futures after fork(): the workers belong to the parent; make a pool "
        "in the child");
  }
  {
    std::lock_guard lock(mutex_);
    if (!broken_.empty()) throw BrokenProcessPool(broken_);
    if (threading::is_finalizing())
      throw RuntimeError("cannot schedule new futures after interpreter shutdown");
    if (shut_down_) throw RuntimeError("cannot schedule new futures after shutdown");
    if (!manager_) start_manager();
    job.release();
    pending_.push_back(RemoteJobRef(remote));
  }
  wake();
}

void ProcessPoolExecutor::Pool::start_manager() {
  threading::add_exit_hook(shared_from_this());
  threading::Thread manager(threading::ThreadOptions().name("ProcessPoolManager").daemon(false),
                            [pool = shared_from_this()] { pool->manage(); });
  manager.start();
  manager_ = std::move(manager);
}

void ProcessPoolExecutor::Pool::shutdown(ShutdownOptions options) {
  std::deque<RemoteJobRef> cancelled;
  std::optional<threading::Thread> manager;
  if (generation_ != core::fork_generation()) return;  // no workers; the lock may be held for ever
  {
    std::lock_guard lock(mutex_);
    shut_down_ = true;
    if (options.cancel_futures) cancelled.swap(pending_);
    manager = manager_;
  }
  wake();
  for (auto& job : cancelled) {
    if (job->future().cancel()) job->future().set_running_or_notify_cancel();
  }
  if (options.wait && manager && *manager != threading::current_thread()) manager->join();
}

// The manager thread

void ProcessPoolExecutor::Pool::manage() noexcept {
  try {
    while (!finished()) {
      dispatch();
      wait_for_events();
    }
  } catch (...) {
    break_pool("the process pool cannot go on: " + describe(std::current_exception()));
  }
  for (PoolWorker& worker : workers_) worker.bury();
  workers_.clear();
}

bool ProcessPoolExecutor::Pool::finished() {
  std::lock_guard lock(mutex_);
  if (!shut_down_ || !pending_.empty()) return false;
  for (const PoolWorker& worker : workers_) {
    if (worker.was_ready() && !worker.idle()) return false;
  }
  return true;
}

// Gives pending jobs to idle workers, and starts workers for those that are left.
void ProcessPoolExecutor::Pool::dispatch() {
  for (PoolWorker& worker : workers_) {
    while (worker.idle()) {
      RemoteJobRef job;
      {
        std::lock_guard lock(mutex_);
        if (pending_.empty()) return;
        job = std::move(pending_.front());
        pending_.pop_front();
      }
      if (job->future().set_running_or_notify_cancel()) worker.send(std::move(job));
    }
  }
  start_workers();
}

void ProcessPoolExecutor::Pool::start_workers() {
  std::size_t wanted = 0;
  {
    std::lock_guard lock(mutex_);
    wanted = pending_.size();
  }
  std::size_t starting = 0;
  for (const PoolWorker& worker : workers_) starting += worker.was_ready() ? 0 : 1;
  while (starting < wanted && workers_.size() < max_workers_) {
    workers_.emplace_back("SpawnPoolWorker-" + std::to_string(++workers_started_));
    ++starting;
  }
}

void ProcessPoolExecutor::Pool::wait_for_events() {
  std::vector<pollfd> watched;
  watched.push_back({wake_.get(), POLLIN, 0});
  for (const PoolWorker& worker : workers_) {
    short interest = static_cast<short>(POLLIN | (worker.wants_to_write() ? POLLOUT : 0));
    watched.push_back({worker.socket(), interest, 0});
    watched.push_back({worker.pidfd(), POLLIN, 0});
  }
  if (Kernel::poll(watched.data(), watched.size(), -1) < 0) {
    if (errno == EINTR) return;
    throw std::system_error(errno, std::system_category(), "poll");
  }
  if (watched[0].revents != 0) {
    std::uint64_t counter = 0;
    static_cast<void>(Kernel::read(wake_.get(), &counter, sizeof counter));
  }
  std::size_t at = 1;
  for (auto worker = workers_.begin(); worker != workers_.end();) {
    auto current = worker++;
    short ready = watched[at].revents;
    bool ended = watched[at + 1].revents != 0;
    at += 2;
    if ((ready != 0 || ended) && !handle(current, ready, ended)) return;
  }
}

bool ProcessPoolExecutor::Pool::handle(std::list<PoolWorker>::iterator worker, short ready,
                                       bool ended) {
  // An answer that was sent before the worker died still counts.
  PoolWorker::News news = worker->exchange(static_cast<short>(ready | (ended ? POLLIN : 0)));
  return news == PoolWorker::News::lost || ended ? lose(worker) : true;
}

bool ProcessPoolExecutor::Pool::lose(std::list<PoolWorker>::iterator worker) {
  RemoteJobRef job = worker->take_job();
  bool was_ready = worker->was_ready();
  worker->kill();  // one that closed its stream or sent garbage may be alive still
  std::string how = worker->bury();
  workers_.erase(worker);
  // Broken before the job's future says so: who sees that must find the pool closed.
  if (!was_ready) {
    break_pool(
        "A process in the process pool was terminated abruptly: " + how +
        " before it was ready; is multiprocessing::init(argc, argv) the first line of main()?");
  } else if (options_.strict) {
    break_pool("A process in the process pool was terminated abruptly: " + how +
               "; the pool is strict, so it takes no more work");
  }
  if (job) {
    job->fail(std::make_exception_ptr(
        BrokenProcessPool("A process in the process pool was terminated abruptly while the future "
                          "was running or pending: " +
                          how + " while it ran this job")));
  }
  return was_ready && !options_.strict;
}

void ProcessPoolExecutor::Pool::break_pool(const std::string& reason) {
  std::deque<RemoteJobRef> lost;
  {
    std::lock_guard lock(mutex_);
    broken_ = reason;
    lost.swap(pending_);
  }
  for (PoolWorker& worker : workers_) {
    worker.kill();
    if (auto job = worker.take_job()) lost.push_back(std::move(job));
    worker.bury();
  }
  workers_.clear();
  for (auto& job : lost) job->fail(std::make_exception_ptr(BrokenProcessPool(reason)));
}

}  // namespace heddle::futures
