#include <heddle/threading/barrier.h>

#include <mutex>

#include "core/futex.h"
#include "core/kernel.h"

namespace heddle::threading {

using core::Kernel;

// The last thread to come takes the others out of the line: their round is complete then, and what
// comes later is the next round. Until the action is over they wait outside of any line.

namespace {

constexpr std::uint32_t complete = 1, broke = 2;

[[noreturn]] void throw_broken() {
  throw BrokenBarrierError(
      "the barrier is broken: a wait timed out, an action failed, or abort() "
      "or reset() was called; reset() makes it usable again");
}

}  // namespace

Barrier::Barrier(std::ptrdiff_t parties, std::unique_ptr<Action> action,
                 std::optional<Delay> timeout)
    : parties_(parties), timeout_(timeout), action_(std::move(action)) {
  if (parties < 1) throw ValueError("parties must be >= 1");
}

Nanoseconds Barrier::default_deadline() const noexcept {
  return timeout_ ? core::deadline_after(timeout_->nanoseconds()) : time_max;
}

std::ptrdiff_t Barrier::wait(Delay timeout) {
  return wait_until(core::deadline_after(timeout.nanoseconds()));
}

std::ptrdiff_t Barrier::wait_until(Nanoseconds deadline) {
  Kernel::scheduling_point("barrier.wait");
  WaitQueue::Waiter me;
  WaitQueue::Woken round;
  std::ptrdiff_t index = 0;
  std::uint64_t resets = 0;
  {
    std::lock_guard held(line_);
    if (broken_) throw_broken();
    index = arrived_++;
    resets = resets_;
    if (arrived_ < parties_) {
      line_.push_back(me);
    } else {
      line_.take(round);
      arrived_ = 0;
    }
  }
  if (index + 1 < parties_) {
    wait_for_others(me, deadline);
  } else {
    run_action(round, resets);
  }
  return index;
}

void Barrier::run_action(WaitQueue::Woken& round, std::uint64_t resets) {
  if (action_) {
    try {
      action_->call();
    } catch (...) {
      WaitQueue::Woken next_round;
      {
        std::lock_guard held(line_);
        // A reset() during the action counts as after it.
        if (resets_ == resets) break_and_take(next_round);
      }
      round.wake(broke);
      next_round.wake(broke);
      throw;
    }
  }
  round.wake(complete);
}

void Barrier::wait_for_others(WaitQueue::Waiter& me, Nanoseconds deadline) {
  std::uint32_t outcome = line_.sleep_until(me, deadline);
  if (outcome == 0) {
    WaitQueue::Woken others;
    bool in_time = false;
    {
      std::lock_guard held(line_);
      in_time = !line_.remove(me);
      if (!in_time) break_and_take(others);
    }
    others.wake(broke);
    if (!in_time) throw_broken();
    outcome = line_.sleep_until(me, time_max);  // all had come: only the action is missing
  }
  if (outcome == broke) throw_broken();
}

void Barrier::break_and_take(WaitQueue::Woken& woken) noexcept {
  broken_ = true;
  arrived_ = 0;
  line_.take(woken);
}

void Barrier::reset() noexcept {
  Kernel::scheduling_point("barrier.reset");
  WaitQueue::Woken woken;
  {
    std::lock_guard held(line_);
    break_and_take(woken);
    broken_ = false;
    ++resets_;
  }
  woken.wake(broke);
}

void Barrier::abort() noexcept {
  Kernel::scheduling_point("barrier.abort");
  WaitQueue::Woken woken;
  {
    std::lock_guard held(line_);
    break_and_take(woken);
  }
  woken.wake(broke);
}

std::ptrdiff_t Barrier::n_waiting() const noexcept {
  std::lock_guard held(line_);
  return arrived_;
}

bool Barrier::broken() const noexcept {
  std::lock_guard held(line_);
  return broken_;
}

}  // namespace heddle::threading
