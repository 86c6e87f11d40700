#include <heddle/futures/executor.h>

namespace heddle::futures::detail {

void* ExecutorLife::get() const {
  void* executor = executor_.load(std::memory_order_acquire);
  if (executor == nullptr)
    throw RuntimeError(
        "cannot schedule new futures after shutdown: the executor is gone, and not all of map() "
        "was "
        "submitted");
  return executor;
}

}  // namespace heddle::futures::detail
