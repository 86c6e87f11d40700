#include <heddle/asyncio/lock.h>

#include <heddle/core/error.h>

namespace heddle::asyncio {

void Lock::release() {
  if (!locked_) throw RuntimeError("Lock is not acquired.");
  locked_ = false;
  if (!woken_) woken_ = waiters_.wake_one();
}

Coro<void> Lock::aenter() { co_await acquire(); }

Coro<bool> Lock::aexit(std::exception_ptr failure) { co_return exit(failure); }

}  // namespace heddle::asyncio
