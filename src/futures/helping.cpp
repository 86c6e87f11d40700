#include "futures/helping.h"

#include <heddle/core/context_var.h>

#include <atomic>

namespace heddle::futures {

namespace {

constinit thread_local WorkerPool* pool = nullptr;
constinit thread_local unsigned depth = 0;

// Written when a worker begins, ends, falls asleep or is woken. It publishes nothing: relaxed.
alignas(64) constinit std::atomic<std::ptrdiff_t> awake{0};

}  // namespace

WorkerPool::WorkerPool() noexcept
    : number_([] {
        static constinit std::atomic<std::uint32_t> last{0};
        std::uint32_t number = 0;
        while (number == 0) number = last.fetch_add(1, std::memory_order_relaxed) + 1;
        return number;
      }()) {}

void set_pool_of_thread(WorkerPool* of_thread) noexcept { pool = of_thread; }
const WorkerPool* pool_of_thread() noexcept { return pool; }

std::ptrdiff_t workers_awake() noexcept { return awake.load(std::memory_order_relaxed); }
void add_workers_awake(std::ptrdiff_t more) noexcept {
  awake.fetch_add(more, std::memory_order_relaxed);
}

bool help(FutureCore& future) noexcept {
  if (pool == nullptr || depth >= helping_depth_max) return false;
  if (future.home.load(std::memory_order_relaxed) != pool->number()) return false;
  Context empty;  // what a worker begins with
  Context::Entered entered(empty);
  ++depth;
  pool->run(future);
  --depth;
  return future.done();
}

}  // namespace heddle::futures
