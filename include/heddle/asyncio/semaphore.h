// asyncio::Semaphore: lets at most so many tasks of one loop through at a time.
//
//     asyncio::Semaphore readers(8);
//     ...
//     auto permit = co_await readers.hold();   // released at the end of the scope, on every path
//
// First come, first served: a released permit belongs to the task that waits longest, a newcomer
// cannot overtake it. One loop only; from other threads use call_soon_threadsafe(). Source:
// https://docs.python.org/3/library/asyncio-sync.html#semaphore
#pragma once

#include <heddle/asyncio/coroutine.h>
#include <heddle/asyncio/wait_list.h>

#include <cstddef>
#include <optional>
#include <utility>

namespace heddle::asyncio {

class Semaphore {
 public:
  // One permit, given back by the destructor. Must not outlive its semaphore.
  class [[nodiscard("the permit is given back when this object dies")]] Permit {
   public:
    explicit Permit(Semaphore& semaphore) noexcept : semaphore_(&semaphore) {}
    Permit(Permit&& other) noexcept : semaphore_(std::exchange(other.semaphore_, nullptr)) {}
    Permit& operator=(Permit other) noexcept {
      std::swap(semaphore_, other.semaphore_);
      return *this;
    }
    ~Permit() {
      if (semaphore_ != nullptr) semaphore_->release();
    }

   private:
    Semaphore* semaphore_;
  };

  // The wait for a permit when none is free.
  class [[nodiscard]] Turn final : public WaitList::Awaiter {
   public:
    explicit Turn(Semaphore& semaphore) noexcept
        : Awaiter(semaphore.waiters_, nullptr), semaphore_(semaphore) {}

   private:
    void hand_on() noexcept override {
      ++semaphore_.value_;
      semaphore_.waiter_left();
    }

    Semaphore& semaphore_;
  };
  // The await of a permit: waits only if it has to. Cancelled: throws CancelledError and holds no
  // permit; one it was given already goes to the next.
  class [[nodiscard("co_await it")]] Acquire : private detail::CoroutineLike {
   public:
    explicit Acquire(Semaphore& semaphore) noexcept : semaphore_(semaphore) {}
    Acquire(Acquire&& other) noexcept : semaphore_(other.semaphore_) {}  // before it begins
    bool await_ready() noexcept {
      turn_.reset();  // each await is one of its own
      return semaphore_.try_acquire();
    }
    template <class P>
    bool await_suspend(std::coroutine_handle<P> handle) noexcept {
      turn_.emplace(semaphore_);
      return turn_->await_suspend(handle);
    }
    bool await_resume() {
      if (turn_) [[unlikely]] {
        turn_->await_resume();
        semaphore_.waiter_left();
      }
      return true;
    }

   protected:
    Semaphore& semaphore_;

   private:
    std::optional<Turn> turn_;
  };
  class [[nodiscard("co_await it")]] Hold final : public Acquire {
   public:
    using Acquire::Acquire;
    Permit await_resume() {
      Acquire::await_resume();
      return Permit(semaphore_);
    }
  };

  // value: the permits at the start. Throws ValueError "Semaphore initial value must be >= 0".
  explicit Semaphore(std::ptrdiff_t value = 1);
  Semaphore(const Semaphore&) = delete;  // parked tasks point at it
  Semaphore& operator=(const Semaphore&) = delete;

  // True when acquire() would have to wait.
  bool locked() const noexcept { return value_ == 0 || woken_ > 0 || !waiters_.empty(); }

  // Takes a permit, behind those who wait already. The await gives true.
  Acquire acquire() noexcept { return Acquire(*this); }
  // As acquire(); the await gives a Permit, which releases by itself.
  Hold hold() noexcept { return Hold(*this); }

  // Gives a permit back, to the task that waits longest if there is one. It runs in the next turn.
  void release();

  // For with(): takes a permit for the time of the block.
  Coro<void> aenter();
  Coro<bool> aexit(std::exception_ptr failure);
  bool exit(const std::exception_ptr&) {
    release();
    return false;
  }

 protected:
  std::ptrdiff_t free_permits() const noexcept { return value_; }

 private:
  bool try_acquire() noexcept {
    if (locked()) return false;
    --value_;
    return true;
  }

  void wake_next();
  // A woken task went on, or was cancelled before it did.
  void waiter_left();

  std::ptrdiff_t value_;      // free permits; a woken task has its own already
  std::ptrdiff_t woken_ = 0;  // tasks that were woken and have not run yet: newcomers queue behind
  WaitList waiters_;
};

// A Semaphore that refuses to be given back more permits than it began with.
// Source: https://docs.python.org/3/library/asyncio-sync.html#boundedsemaphore
class BoundedSemaphore : public Semaphore {
 public:
  // As Semaphore.
  explicit BoundedSemaphore(std::ptrdiff_t value = 1) : Semaphore(value), value_max_(value) {}

  // Throws ValueError "BoundedSemaphore released too many times".
  void release();

  // For with().
  Coro<bool> aexit(std::exception_ptr failure);
  bool exit(const std::exception_ptr&) {
    release();
    return false;
  }

 private:
  std::ptrdiff_t value_max_;
};

}  // namespace heddle::asyncio
