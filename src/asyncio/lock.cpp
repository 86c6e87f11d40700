#include <heddle/asyncio/lock.h>

#include <heddle/core/error.h>

#include "asyncio/wait_list_access.h"

namespace heddle::asyncio {

void Lock::Acquire::wait(heddle::detail::Frame& frame) {
  if (!detail::WaitListAccess::admits(lock_.waiters_)) detail::WaitListAccess::refuse();
  if (lock_.state_ == State::held) lock_.state_ = State::contended;
  waits_ = true;
  std::construct_at(&turn_, lock_);
  detail::WaitListAccess::join(lock_.waiters_, turn_, frame);
}

// Afterwards there is nothing to take apart: a woken wait is in no list.
void Lock::Acquire::end_wait() {
  turn_.end();
  lock_.state_ = State::contended;
}

void Lock::release_slowly() {
  if (!locked()) throw RuntimeError("Lock is not acquired.");
  hand_over();
}

void Lock::hand_over() {
  state_ = detail::WaitListAccess::wake_one(waiters_) ? State::promised : State::open;
}

Coro<void> Lock::aenter() { co_await acquire(); }

Coro<bool> Lock::aexit(std::exception_ptr failure) { co_return exit(failure); }

}  // namespace heddle::asyncio
