#include <heddle/core/error.h>
#include <heddle/threading/rlock.h>

#include <utility>

#include "core/kernel.h"
#include "threading/thread_number.h"
#include "threading/timeout.h"

namespace heddle::threading {

using core::Kernel;

namespace detail {

std::uint64_t this_thread_number() noexcept {
  static constinit std::atomic<std::uint64_t> last{0};
  static constinit thread_local std::uint64_t number = 0;
  // relaxed: only that no number comes twice matters.
  if (number == 0) number = last.fetch_add(1, std::memory_order_relaxed) + 1;
  return number;
}

}  // namespace detail

// owner_ is relaxed everywhere: only a thread itself writes its number there and takes it away
// again, so it reads its own number exactly while it is the owner; what others see of it says "not
// me" either way. The inner lock orders everything else.

bool RLock::is_owned() const noexcept {
  return owner_.load(std::memory_order_relaxed) == detail::this_thread_number();
}

bool RLock::enter_again() noexcept {
  if (!is_owned()) return false;
  ++depth_;
  return true;
}

bool RLock::own(bool taken) noexcept {
  if (taken) {
    owner_.store(detail::this_thread_number(), std::memory_order_relaxed);
    depth_ = 1;
  }
  return taken;
}

bool RLock::acquire(bool blocking) noexcept {
  return enter_again() || own(lock_.acquire(blocking));
}

bool RLock::acquire(bool blocking, Delay timeout) {
  detail::limit_of(blocking, timeout);  // refuses what cannot be meant, also of the owner
  return enter_again() || own(lock_.acquire(blocking, timeout));
}

bool RLock::try_lock_for(Delay timeout) noexcept {
  return enter_again() || own(lock_.try_lock_for(timeout));
}

void RLock::release() {
  if (!is_owned()) {
    Kernel::scheduling_point("rlock.release");
    throw RuntimeError("cannot release un-acquired lock: this thread does not hold the RLock");
  }
  unlock();
}

void RLock::unlock() noexcept {
  if (--depth_ > 0) return;
  owner_.store(0, std::memory_order_relaxed);
  lock_.unlock();
}

std::uint32_t RLock::release_all() noexcept {
  std::uint32_t depth = std::exchange(depth_, 0);
  owner_.store(0, std::memory_order_relaxed);
  lock_.unlock();
  return depth;
}

void RLock::restore(std::uint32_t depth) noexcept {
  own(lock_.acquire());
  depth_ = depth;
}

}  // namespace heddle::threading
