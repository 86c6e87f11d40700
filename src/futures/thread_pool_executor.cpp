#include <heddle/futures/thread_pool_executor.h>

#include <algorithm>
#include <atomic>

#include "core/cpu_count.h"
#include "futures/thread_pool.h"

namespace heddle::futures {

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

void ThreadPoolExecutor::schedule(JobRef job) { pool_->submit(std::move(job)); }
void ThreadPoolExecutor::shutdown(ShutdownOptions options) { pool_->shutdown(options); }

}  // namespace heddle::futures
