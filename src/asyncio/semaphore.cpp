#include <heddle/asyncio/semaphore.h>
#include <heddle/core/error.h>

namespace heddle::asyncio {

Semaphore::Semaphore(std::ptrdiff_t value) : value_(value) {
  if (value < 0) throw ValueError("Semaphore initial value must be >= 0");
}

void Semaphore::release() noexcept {
  if (!waiters_.wake_one()) ++value_;
}

}  // namespace heddle::asyncio
