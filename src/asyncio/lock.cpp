#include <heddle/asyncio/lock.h>

#include <heddle/core/error.h>

namespace heddle::asyncio {

void Lock::throw_not_acquired() { throw RuntimeError("Lock is not acquired."); }

Coro<void> Lock::aenter() { co_await acquire(); }

Coro<bool> Lock::aexit(std::exception_ptr failure) { co_return exit(failure); }

}  // namespace heddle::asyncio
