#include <heddle/asyncio/condition.h>

#include <heddle/core/error.h>

#include "asyncio/scope_core.h"

namespace heddle::asyncio {

Condition::Condition(Lock* lock)
    : own_(lock == nullptr ? std::make_unique<Lock>() : nullptr),
      lock_(lock == nullptr ? own_.get() : lock) {}

// Takes the lock, however often the task is cancelled meanwhile; then throws the last cancellation.
Coro<void> Condition::acquire_at_last() {
  detail::SeesCancellation sees;
  std::exception_ptr cancelled;
  std::optional<detail::ScopesHeld> held;
  while (true) {
    try {
      co_await lock_->acquire();
      break;
    } catch (const CancelledError&) {
      cancelled = std::current_exception();
    }
    if (!held) held.emplace();  // a cancelled scope would interrupt for ever
  }
  if (cancelled) std::rethrow_exception(cancelled);
}

Coro<bool> Condition::wait() {
  if (!locked()) throw RuntimeError("cannot wait on un-acquired lock");
  detail::SeesCancellation sees;
  Notified notified(*this);
  release();
  std::exception_ptr failure;
  bool was_notified = false;
  try {
    co_await notified;
    was_notified = true;
  } catch (...) {
    failure = std::current_exception();
  }
  try {
    co_await acquire_at_last();
  } catch (...) {
    if (was_notified) waiters_.wake_one();  // it was for somebody who can use it
    throw;
  }
  if (failure) std::rethrow_exception(failure);
  co_return true;
}

void Condition::notify(std::size_t n) {
  if (!locked()) throw RuntimeError("cannot notify on un-acquired lock");
  while (n-- > 0 && waiters_.wake_one()) {
  }
}

void Condition::notify_all() {
  if (!locked()) throw RuntimeError("cannot notify on un-acquired lock");
  waiters_.wake_all();
}

}  // namespace heddle::asyncio
