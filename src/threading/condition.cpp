#include <heddle/core/error.h>
#include <heddle/threading/condition.h>

#include <mutex>

#include "core/futex.h"
#include "core/kernel.h"

namespace heddle::threading {

using core::Kernel;

bool Condition::acquire(bool blocking) noexcept {
  return lock_ != nullptr ? lock_->acquire(blocking) : rlock_->acquire(blocking);
}

bool Condition::acquire(bool blocking, Delay timeout) {
  return lock_ != nullptr ? lock_->acquire(blocking, timeout) : rlock_->acquire(blocking, timeout);
}

void Condition::release() { lock_ != nullptr ? lock_->release() : rlock_->release(); }
void Condition::unlock() noexcept { lock_ != nullptr ? lock_->unlock() : rlock_->unlock(); }

bool Condition::locked() const noexcept {
  return lock_ != nullptr ? lock_->locked() : rlock_->locked();
}

// A Lock has no owner; that somebody holds it is all that can be asked.
bool Condition::owned() const noexcept {
  return lock_ != nullptr ? lock_->locked() : rlock_->is_owned();
}

Nanoseconds Condition::deadline_after(Delay timeout) noexcept {
  return core::deadline_after(timeout.nanoseconds());
}

bool Condition::wait(Delay timeout) { return wait_until(deadline_after(timeout)); }

bool Condition::wait_until(Nanoseconds deadline) {
  Kernel::scheduling_point("condition.wait");
  if (!owned()) {
    throw RuntimeError("cannot wait on un-acquired lock: acquire() the condition first");
  }
  WaitQueue::Waiter me;
  {
    // In line before the lock is given up: a notify() that comes after finds this thread.
    std::lock_guard held(waiters_);
    waiters_.push_back(me);
  }
  if (lock_ != nullptr) {
    lock_->unlock();
    bool woken = waiters_.wait_until(me, deadline) != 0;
    lock_->lock();
    return woken;
  }
  std::uint32_t depth = rlock_->release_all();
  bool woken = waiters_.wait_until(me, deadline) != 0;
  rlock_->restore(depth);
  return woken;
}

void Condition::notify(std::size_t n) {
  Kernel::scheduling_point("condition.notify");
  if (!owned()) {
    throw RuntimeError("cannot notify on un-acquired lock: acquire() the condition first");
  }
  WaitQueue::Woken woken;
  std::lock_guard held(waiters_);
  waiters_.take(woken, n);
}

}  // namespace heddle::threading
