// asyncio::Lock: one task of a loop at a time.
//
//     asyncio::Lock lock;
//     ...
//     auto held = co_await lock.hold();     // released at the end of the scope, on every path
//
// First come, first served: release() wakes the task that waits longest, and a newcomer cannot
// overtake it. A lock has no owner: any task may release it. One loop only; from other threads use
// call_soon_threadsafe(). Source: https://docs.python.org/3/library/asyncio-sync.html#lock
#pragma once

#include <heddle/asyncio/coroutine.h>
#include <heddle/asyncio/wait_list.h>

#include <optional>
#include <utility>

namespace heddle::asyncio {

class Lock {
 public:
  // The lock, held; released by the destructor. Must not outlive it.
  class [[nodiscard("the lock is released when this object dies")]] Held {
   public:
    explicit Held(Lock& lock) noexcept : lock_(&lock) {}
    Held(Held&& other) noexcept : lock_(std::exchange(other.lock_, nullptr)) {}
    Held& operator=(Held other) noexcept {
      std::swap(lock_, other.lock_);
      return *this;
    }
    ~Held() {
      if (lock_ != nullptr && lock_->locked()) lock_->release();
    }

   private:
    Lock* lock_;
  };

  // The wait for a lock that is held.
  class [[nodiscard]] Turn final : public WaitList::Awaiter {
   public:
    explicit Turn(Lock& lock) noexcept : Awaiter(lock.waiters_, nullptr), lock_(lock) {}

   private:
    void hand_on() noexcept override { lock_.pass_turn(); }

    Lock& lock_;
  };
  // The await of the lock: waits only if it has to. Cancelled: throws CancelledError and does not
  // hold it; the next in line gets its turn.
  class [[nodiscard("co_await it")]] Acquire : private detail::CoroutineLike {
   public:
    explicit Acquire(Lock& lock) noexcept : lock_(lock) {}
    Acquire(Acquire&& other) noexcept : lock_(other.lock_) {}  // before it begins
    bool await_ready() noexcept {
      turn_.reset();  // each await is one of its own
      return lock_.try_acquire();
    }
    template <class P>
    bool await_suspend(std::coroutine_handle<P> handle) noexcept {
      turn_.emplace(lock_);
      return turn_->await_suspend(handle);
    }
    bool await_resume() {
      if (turn_) [[unlikely]] {
        turn_->await_resume();
        lock_.take_turn();
      }
      return true;
    }

   protected:
    Lock& lock_;

   private:
    std::optional<Turn> turn_;
  };
  class [[nodiscard("co_await it")]] Hold final : public Acquire {
   public:
    using Acquire::Acquire;
    Held await_resume() {
      Acquire::await_resume();
      return Held(lock_);
    }
  };

  Lock() = default;
  Lock(const Lock&) = delete;  // parked tasks point at it
  Lock& operator=(const Lock&) = delete;

  // True while a task holds it.
  bool locked() const noexcept { return locked_; }

  // Waits until the lock is free, behind those who wait already, and takes it. The await gives
  // true.
  Acquire acquire() noexcept { return Acquire(*this); }
  // As acquire(); the await gives an object that releases the lock when it dies.
  Hold hold() noexcept { return Hold(*this); }

  // Frees the lock and wakes the task that waits longest; it runs in the next turn. Throws
  // RuntimeError "Lock is not acquired."
  void release() {
    if (!locked_) throw_not_acquired();
    locked_ = false;
    if (!woken_) woken_ = waiters_.wake_one();
  }

  // For with().
  Coro<void> aenter();
  Coro<bool> aexit(std::exception_ptr failure);
  bool exit(const std::exception_ptr&) {
    release();
    return false;
  }

 private:
  bool try_acquire() noexcept {
    if (locked_ || woken_ || !waiters_.empty()) return false;
    return locked_ = true;
  }
  [[noreturn]] static void throw_not_acquired();
  // The woken task goes on.
  void take_turn() noexcept {
    woken_ = false;
    locked_ = true;
  }
  // The woken task was cancelled before it went on.
  void pass_turn() noexcept {
    woken_ = false;
    if (!locked_) woken_ = waiters_.wake_one();
  }

  bool locked_ = false;
  bool woken_ = false;  // a waiter was chosen and has not run yet: the lock is free, but promised
  WaitList waiters_;
};

}  // namespace heddle::asyncio
