#include "futures/helping.h"

namespace heddle::futures {

namespace {

constinit thread_local const void* pool = nullptr;
constinit thread_local unsigned depth = 0;

}  // namespace

void set_pool_of_thread(const void* of_thread) noexcept { pool = of_thread; }
const void* pool_of_thread() noexcept { return pool; }

bool help(FutureCore& future) noexcept {
  if (pool == nullptr || depth >= helping_depth_max) return false;
  ++depth;
  bool ran = future.run_here(pool);
  --depth;
  return ran;
}

}  // namespace heddle::futures
