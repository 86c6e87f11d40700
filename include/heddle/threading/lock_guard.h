// LockGuard: holds a lock until the end of the scope, Python's `with lock:`.
//
//     threading::LockGuard held(lock);
//
// As std::lock_guard, which serves as well; but Clang's -Wthread-safety sees through this one: data
// marked __attribute__((guarded_by(lock))) may be touched while it lives.
#pragma once

#include <heddle/core/compiler.h>

namespace heddle::threading {

// g++ does not know the older spelling, the only one that can name a parameter.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wattributes"

// L: any type with lock() and unlock().
template <class L>
class [[clang::scoped_lockable]] LockGuard {
 public:
  // Waits for the lock.
  explicit LockGuard(L& lock) __attribute__((acquire_capability(lock))) : lock_(lock) {
    lock.lock();
  }
  LockGuard(const LockGuard&) = delete;
  LockGuard& operator=(const LockGuard&) = delete;
  ~LockGuard() __attribute__((release_capability())) { lock_.unlock(); }

 private:
  L& lock_;
};

#pragma GCC diagnostic pop

template <class L>
LockGuard(L&) -> LockGuard<L>;

}  // namespace heddle::threading
