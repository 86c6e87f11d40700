#include <heddle/asyncio/semaphore.h>
#include <heddle/core/error.h>

namespace heddle::asyncio {

Semaphore::Semaphore(std::ptrdiff_t value) : value_(value) {
  if (value < 0) throw ValueError("Semaphore initial value must be >= 0");
}

void Semaphore::release() {
  ++value_;
  wake_next();
}

void Semaphore::wake_next() {
  if (value_ == 0 || !waiters_.wake_one()) return;
  --value_;
  ++woken_;
}

void Semaphore::waiter_left() {
  --woken_;
  while (value_ > 0 && !waiters_.empty()) wake_next();
}

Coro<void> Semaphore::aenter() { co_await acquire(); }

Coro<bool> Semaphore::aexit(std::exception_ptr failure) { co_return exit(failure); }

void BoundedSemaphore::release() {
  if (free_permits() >= value_max_) throw ValueError("BoundedSemaphore released too many times");
  Semaphore::release();
}

Coro<bool> BoundedSemaphore::aexit(std::exception_ptr failure) { co_return exit(failure); }

}  // namespace heddle::asyncio
