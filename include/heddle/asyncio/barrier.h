// asyncio::Barrier: tasks of one loop wait for each other.
//
//     asyncio::Barrier start(3);
//     std::size_t place = co_await start.wait();    // goes on when the third has come
//
// Reusable: once all have left, it fills again. One loop only.
// Source: https://docs.python.org/3/library/asyncio-sync.html#barrier
#pragma once

#include <heddle/asyncio/condition.h>
#include <heddle/core/error.h>

#include <cstddef>

namespace heddle::asyncio {

// The barrier was reset or aborted while a task waited at it, or is broken.
class BrokenBarrierError : public RuntimeError {
 public:
  using RuntimeError::RuntimeError;
};

class Barrier {
 public:
  // parties: how many tasks it takes. Throws ValueError "parties must be >= 1".
  explicit Barrier(std::ptrdiff_t parties);
  Barrier(const Barrier&) = delete;  // parked tasks point at it
  Barrier& operator=(const Barrier&) = delete;

  // Waits until `parties` tasks wait; gives each another number from 0 to parties - 1. A newcomer
  // waits until those of the round before have left. Throws BrokenBarrierError. Cancelled: leaves,
  // and the others wait for one more.
  Coro<std::size_t> wait();

  // Back to the empty state; tasks that wait get BrokenBarrierError. Cancelled: may have no effect.
  Coro<void> reset();
  // Breaks it: tasks that wait, and all that come until reset(), get BrokenBarrierError.
  Coro<void> abort();

  std::size_t parties() const noexcept { return parties_; }
  // How many wait now, while it fills.
  std::size_t n_waiting() const noexcept { return state_ == State::filling ? count_ : 0; }
  bool broken() const noexcept { return state_ == State::broken; }

  // For with(): waits, gives the number.
  Coro<std::size_t> aenter() { return wait(); }
  Coro<bool> aexit(std::exception_ptr) { co_return false; }

 private:
  enum class State : unsigned char { filling, draining, resetting, broken };

  Coro<void> wait_for_others();
  void leave();

  Condition changed_;
  std::size_t parties_;
  std::size_t count_ = 0;  // tasks inside wait(), past the entry
  State state_ = State::filling;
};

}  // namespace heddle::asyncio
