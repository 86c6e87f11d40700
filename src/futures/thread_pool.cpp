#include "futures/thread_pool.h"

#include <algorithm>
#include <cstdio>

#include "core/cpu_count.h"
#include "core/fork.h"
#include "core/futex.h"

namespace heddle::futures {

using core::Kernel;

namespace {

constexpr std::uint32_t all_awake = 1U << 31;  // in claims_: nobody sleeps any more

int cpus() noexcept {
  static const int count = core::cpu_count();
  return count;
}

}  // namespace

ThreadPoolExecutor::Pool::Pool(std::size_t limit, ThreadPoolOptions options)
    : max_workers_(limit),
      options_(std::move(options)),
      spin_(options_.spin_ ? options_.spin_->nanoseconds() : core::default_spin_limit()) {}

ThreadPoolExecutor::Pool::~Pool() {
  if (left_behind()) return;  // others may hold the lock, and own what is in the queue
  // Jobs that were withdrawn after the last worker had left.
  for (FutureCore* job = take_everything(); job != nullptr;) JobRef(std::exchange(job, job->next));
}

// Submitting

void ThreadPoolExecutor::Pool::refuse() {
  std::string reason;
  {
    std::lock_guard lock(mutex_);
    reason = reason_;
  }
  if (!reason.empty()) throw BrokenThreadPool(reason);
  if (threading::is_finalizing())
    throw RuntimeError("cannot schedule new futures after interpreter shutdown");
  throw RuntimeError("cannot schedule new futures after shutdown");
}

// acquire: with the number of workers comes the generation, which was written before.
bool ThreadPoolExecutor::Pool::left_behind() const noexcept {
  return started_.load(std::memory_order_acquire) != 0 &&
         generation_.load(std::memory_order_relaxed) != core::fork_generation();
}

void ThreadPoolExecutor::Pool::submit(JobRef owner) {
  Kernel::scheduling_point("pool.submit");
  if (left_behind()) {
    throw RuntimeError(
        "cannot schedule new futures after fork(): the workers are threads of the parent; make a "
        "pool in the child");
  }
  if (closed() || threading::is_finalizing()) refuse();
  if (options_.queue_limit_ != 0) wait_for_room();
  FutureCore& job = *owner.release();
  job.home.store(number(), std::memory_order_relaxed);
  inbox_.push(job);
  Kernel::scheduling_point("pool.queued");
  if (below_maximum()) require_worker(job);
  wake_for_work();
  // A worker leaves when the pool is closed and then the queue is empty. So either a worker sees
  // the job, or this thread sees that the pool was closed (both are seq_cst) and takes the job
  // back, unless somebody has begun it.
  if (closed()) withdraw(job);
}

// Throws what a closed pool throws if the job has not begun; it stays in the queue and is passed
// over.
void ThreadPoolExecutor::Pool::withdraw(FutureCore& job) {
  if (job.cancel()) refuse();
}

void ThreadPoolExecutor::Pool::wake_for_work() noexcept {
  if (!sleepers_.claim_one()) return;
  Kernel::scheduling_point("pool.claimed");
  // release: with the claim comes what the waker did; the worker's acquire is in
  // sleep_until_claimed().
  claims_.fetch_add(1, std::memory_order_release);
  core::wake(claims_, 1);
}

// The bound of the queue

void ThreadPoolExecutor::Pool::wait_for_room() {
  // A worker that waited here could be the one that has to make room.
  bool may_wait = pool_of_thread() != this;
  while (true) {
    std::uint32_t seen = room_.load(std::memory_order_acquire);
    std::uint32_t count = queued_.load(std::memory_order_relaxed);
    while (count < options_.queue_limit_ || !may_wait) {
      if (queued_.compare_exchange_weak(count, count + 1, std::memory_order_relaxed)) return;
    }
    if (closed()) refuse();
    core::wait_while_equal(room_, seen, time_max);
  }
}

void ThreadPoolExecutor::Pool::make_room(std::uint32_t places) noexcept {
  if (options_.queue_limit_ == 0) return;
  std::uint32_t former = queued_.fetch_sub(places, std::memory_order_relaxed);
  if (former < options_.queue_limit_) return;  // nobody waited for these
  room_.fetch_add(1, std::memory_order_release);
  core::wake_all(room_);
}

// Workers

// A worker is made when a job comes and no idle one is left for it. `balance_` counts idle workers
// less queued jobs: a job lowers it, a worker that turns idle raises it, one that takes a job
// without having been idle raises it as well. All changes are additions, so their order does not
// matter.
void ThreadPoolExecutor::Pool::require_worker(FutureCore& job) {
  if (balance_.fetch_sub(1, std::memory_order_relaxed) > 0) return;
  try {
    start_worker();
  } catch (...) {
    if (started_.load(std::memory_order_relaxed) > 0) return;  // those that run will come to it
    if (job.cancel()) throw;
  }
}

bool ThreadPoolExecutor::Pool::start_worker() {
  std::lock_guard lock(mutex_);
  if (closed() || !below_maximum()) return false;
  if (!registered_) threading::add_exit_hook(shared_from_this());
  registered_ = true;
  workers_.reserve(workers_.size() + 1);
  threading::ThreadOptions options;
  options.name(options_.prefix_ + "_" + std::to_string(workers_.size())).daemon(false);
  threading::Thread worker(std::move(options), [pool = shared_from_this()] { pool->work(); });
  balance_.fetch_add(1, std::memory_order_relaxed);  // it begins idle
  generation_.store(core::fork_generation(), std::memory_order_relaxed);
  started_.fetch_add(1, std::memory_order_release);
  try {
    worker.start();
  } catch (...) {
    started_.fetch_sub(1, std::memory_order_relaxed);
    balance_.fetch_sub(1, std::memory_order_relaxed);
    throw;
  }
  workers_.push_back(std::move(worker));
  return true;
}

bool ThreadPoolExecutor::Pool::initialise() noexcept {
  if (!options_.initializer_) return true;
  try {
    options_.initializer_->call();
    return true;
  } catch (...) {
    std::string what = describe(std::current_exception());
    std::string text = "Exception in initializer:\n  " + what + "\n";
    std::fputs(text.c_str(), stderr);
    break_pool("A thread initializer failed, the thread pool is not usable anymore: " + what);
    return false;
  }
}

void ThreadPoolExecutor::Pool::break_pool(const std::string& reason) noexcept {
  {
    std::lock_guard lock(mutex_);
    reason_ = reason;
  }
  closed_.fetch_or(broken, std::memory_order_seq_cst);
  for (FutureCore* job = take_everything(); job != nullptr;) {
    JobRef lost(std::exchange(job, job->next));
    lost->finish_unless_done(std::make_exception_ptr(BrokenThreadPool(reason)));
  }
  wake_everybody();
}

void ThreadPoolExecutor::Pool::work() noexcept {
  set_pool_of_thread(this);
  add_workers_awake(1);
  if (initialise()) {
    for (FutureCore* job = next_job(true); job != nullptr; job = next_job(false)) {
      JobRef owned(job);
      run(*owned);
    }
  }
  add_workers_awake(-1);
  set_pool_of_thread(nullptr);
}

void ThreadPoolExecutor::Pool::run(FutureCore& job) noexcept {
  if (!job.stoppable()) return job.run();
  SharedRef<FutureCore> future(&job);
  {
    std::lock_guard lock(mutex_);
    stoppable_.push_back(future);
  }
  job.run();
  std::lock_guard lock(mutex_);
  stoppable_.erase(std::find(stoppable_.begin(), stoppable_.end(), future));
}

// The queue

FutureCore* ThreadPoolExecutor::Pool::take() noexcept {
  if (queue_empty()) return nullptr;
  FutureCore* job = nullptr;
  FutureCore* following = nullptr;
  bool refilled = false;
  {
    std::lock_guard lock(take_lock_);
    job = ready_.load(std::memory_order_relaxed);
    if (job != nullptr) {
      following = job->next;
      ready_.store(following, std::memory_order_relaxed);
    } else {
      job = inbox_.take_all();
      if (job == nullptr) return nullptr;
      Kernel::scheduling_point("pool.moves");
      refilled = job->next != nullptr;
      // seq_cst, and before wake_for_work(): for a moment both places seemed empty, and one that
      // went to sleep by that must be seen here.
      ready_.store(job->next, std::memory_order_seq_cst);
    }
  }
  // Another thread wrote it: on its way while this one runs.
  if (following != nullptr) __builtin_prefetch(following);
  if (refilled) wake_for_work();
  make_room(1);
  return job;
}

FutureCore* ThreadPoolExecutor::Pool::take_everything() noexcept {
  std::uint32_t places = 0;
  FutureCore* oldest = nullptr;
  {
    std::lock_guard lock(take_lock_);
    oldest = ready_.exchange(nullptr, std::memory_order_relaxed);
    FutureCore** last = &oldest;
    for (; *last != nullptr; last = &(*last)->next) ++places;
    *last = inbox_.take_all();
    for (; *last != nullptr; last = &(*last)->next) ++places;
  }
  if (places != 0) make_room(places);
  return oldest;
}

// As queue_empty(), but not deceived by a worker that moves jobs at this moment.
bool ThreadPoolExecutor::Pool::empty_for_good() {
  std::lock_guard lock(take_lock_);
  return queue_empty();
}

// Spinning takes a CPU from those that work or submit, so there must be one to spare.
bool ThreadPoolExecutor::Pool::may_spin() const noexcept {
  if (spin_.limit() <= 0) return false;
  std::size_t awake = started_.load(std::memory_order_relaxed) - sleepers_.asleep();
  return awake < static_cast<std::size_t>(cpus());
}

// Waits for a job; null when there will be none. was_idle: the caller is new, and was counted as
// idle.
FutureCore* ThreadPoolExecutor::Pool::next_job(bool was_idle) noexcept {
  Kernel::scheduling_point("pool.take");
  bool counts = !was_idle && below_maximum();
  FutureCore* job = take();
  // One more worker that is idle, or one job less that is queued.
  if (counts) balance_.fetch_add(1, std::memory_order_relaxed);
  if (job != nullptr) return job;
  bool searching = false;
  while ((job = take()) == nullptr) {
    if (closed() && empty_for_good()) return nullptr;
    Kernel::scheduling_point("pool.idle");
    if (!searching && may_spin()) searching = sleepers_.begin_search();
    if (searching && spin_.wait([this]() noexcept { return !queue_empty() || closed(); })) continue;
    sleepers_.sleep(searching);
    searching = false;
    Kernel::scheduling_point("pool.falls_asleep");
    bool awake = (!queue_empty() || closed()) && sleepers_.withdraw();
    if (!awake) searching = sleep_until_claimed();
  }
  if (searching) {
    sleepers_.end_search();
    Kernel::scheduling_point("pool.found");
    if (!queue_empty()) wake_for_work();
  }
  return job;
}

// True when the caller was claimed, and searches now; false when the pool is closed.
bool ThreadPoolExecutor::Pool::sleep_until_claimed() noexcept {
  while (true) {
    std::uint32_t claims = claims_.load(std::memory_order_acquire);
    while ((claims & ~all_awake) != 0) {
      if (claims_.compare_exchange_weak(claims, claims - 1, std::memory_order_acquire)) return true;
    }
    if (claims != 0) return false;
    add_workers_awake(-1);
    core::wait_while_equal(claims_, 0, time_max);
    add_workers_awake(1);
  }
}

void ThreadPoolExecutor::Pool::wake_everybody() noexcept {
  claims_.fetch_or(all_awake, std::memory_order_release);
  core::wake_all(claims_);
  room_.fetch_add(1, std::memory_order_release);
  core::wake_all(room_);
}

void ThreadPoolExecutor::Pool::shutdown(ShutdownOptions options) noexcept {
  Kernel::scheduling_point("pool.shutdown");
  closed_.fetch_or(shut_down, std::memory_order_seq_cst);
  if (left_behind()) return;  // there are no workers here, and its locks may be held for ever
  wake_everybody();
  std::vector<threading::Thread> workers;
  std::vector<SharedRef<FutureCore>> running;
  {
    std::lock_guard lock(mutex_);
    workers = workers_;
    if (options.request_stop) running = stoppable_;
  }
  if (options.cancel_futures) {
    for (FutureCore* job = take_everything(); job != nullptr;) {
      JobRef cancelled(std::exchange(job, job->next));
      if (cancelled->cancel()) cancelled->run();  // marks it as notified
    }
  }
  for (auto& future : running) future->request_stop();
  // A job that shuts its own pool down, or drops the last handle on it, cannot wait for itself; and
  // two that did so at once would wait for each other.
  if (!options.wait || pool_of_thread() == this) return;
  for (auto& worker : workers) worker.join();
}

}  // namespace heddle::futures
