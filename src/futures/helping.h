// What a worker of a thread pool does while it waits for work of its own pool: that work.
//
// A pool whose workers all wait for queued work of the same pool would stand still for ever. So a
// worker does the very work that it waits for, on its own stack, if that is queued and has not
// begun. It never takes up other work: that could want a lock which the waiting work holds. Nor
// does it if the wait has a limit, or may end without that work: the work could outlast the limit,
// or wait itself for something that the waiting work does next.
#pragma once

#include <heddle/futures/executor.h>

#include <cstddef>
#include <cstdint>

namespace heddle::futures {

// How many works may lie on each other on one stack; beyond that a worker waits as everybody does.
inline constexpr unsigned helping_depth_max = 128;

// A pool of threads, as its workers see it.
class WorkerPool {
 public:
  // The `home` of its jobs: not 0, and that of no other pool among the last 2^32.
  std::uint32_t number() const noexcept { return number_; }
  // Runs a job on the calling thread, one of the pool's, unless somebody has begun it.
  virtual void run(FutureCore& job) noexcept = 0;

 protected:
  WorkerPool() noexcept;
  ~WorkerPool() = default;

 private:
  const std::uint32_t number_;
};

// The pool whose worker the calling thread is, or null.
void set_pool_of_thread(WorkerPool* pool) noexcept;
const WorkerPool* pool_of_thread() noexcept;

// How many workers of all thread pools do not sleep; a hint. Who waits for a worker spins only
// while there is a CPU beside those that work.
std::ptrdiff_t workers_awake() noexcept;
void add_workers_awake(std::ptrdiff_t more) noexcept;

// Does the work of `future` here if this thread may. True when it is done now. What the work sets
// in its context stays its own. REQUIRES: the caller waits for this very future, without a limit.
bool help(FutureCore& future) noexcept;

}  // namespace heddle::futures
