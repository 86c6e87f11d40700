#include "futures/helping.h"

#include <heddle/core/context_var.h>

namespace heddle::futures {

namespace {

constinit thread_local WorkerPool* pool = nullptr;
constinit thread_local unsigned depth = 0;

}  // namespace

void set_pool_of_thread(WorkerPool* of_thread) noexcept { pool = of_thread; }
const WorkerPool* pool_of_thread() noexcept { return pool; }

bool help(FutureCore& future) noexcept {
  if (pool == nullptr || depth >= helping_depth_max) return false;
  Job* job = future.job_of(pool);
  if (job == nullptr) return false;
  Context empty;  // what a worker begins with
  Context::Entered entered(empty);
  ++depth;
  pool->run(*job);
  --depth;
  return future.done();
}

}  // namespace heddle::futures
