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

#include <coroutine>
#include <exception>
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
      if (lock_ != nullptr) lock_->let_go();
    }

   private:
    Lock* lock_;
  };

  // The wait for a lock that is held.
  class Turn final : public WaitList::Place {
   public:
    explicit Turn(Lock& lock) noexcept : lock_(lock) {}
    void end() { confirm(); }

   private:
    void hand_on() noexcept override { lock_.hand_over(); }

    Lock& lock_;
  };
  // The await of the lock: waits only if it has to. Cancelled: throws CancelledError and does not
  // hold it; the next in line gets its turn.
  class [[nodiscard("co_await it")]] Acquire : private detail::CoroutineLike {
   public:
    explicit Acquire(Lock& lock) noexcept : lock_(lock) {}
    Acquire(Acquire&& other) noexcept : lock_(other.lock_) {}  // before it begins
    ~Acquire() {
      if (waits_) [[unlikely]]
        turn_.~Turn();
    }
    bool await_ready() noexcept {
      bool acquired = lock_.try_acquire();
      // Written again, after the lock: so the compiler knows below that it did not wait.
      waits_ = false;
      return acquired;
    }
    template <class P>
    void await_suspend(std::coroutine_handle<P> handle) {
      wait(handle.promise());
    }
    bool await_resume() {
      if (waits_) [[unlikely]] {
        end_wait();
        waits_ = false;
      }
      return true;
    }

   protected:
    Lock& lock_;

   private:
    void wait(heddle::detail::Frame& frame);
    void end_wait();

    bool waits_ = false;
    union {
      Turn turn_;  // while waits_
    };
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
  bool locked() const noexcept { return state_ == State::held || state_ == State::contended; }

  // Waits until the lock is free, behind those who wait already, and takes it. The await gives
  // true.
  Acquire acquire() noexcept { return Acquire(*this); }
  // As acquire(); the await gives an object that releases the lock when it dies.
  Hold hold() noexcept { return Hold(*this); }

  // Frees the lock and wakes the task that waits longest; it runs in the next turn. Throws
  // RuntimeError "Lock is not acquired."
  void release() {
    if (state_ != State::held) return release_slowly();
    state_ = State::open;
  }

  // For with().
  Coro<void> aenter();
  Coro<bool> aexit(std::exception_ptr failure);
  bool exit(const std::exception_ptr&) {
    release();
    return false;
  }

 private:
  enum class State : unsigned char {
    open,       // nobody waits
    held,       // nobody waits
    contended,  // held; tasks wait, or did
    promised,   // free, but a waiter was chosen and has not run yet
  };

  bool try_acquire() noexcept {
    if (state_ != State::open) return false;
    state_ = State::held;
    return true;
  }
  // release() of those who may have lost it.
  void let_go() {
    if (state_ == State::held) [[likely]] {
      state_ = State::open;
    } else if (state_ == State::contended) {
      hand_over();
    }
  }
  void release_slowly();
  void hand_over();

  State state_ = State::open;
  WaitList waiters_;
};

}  // namespace heddle::asyncio
