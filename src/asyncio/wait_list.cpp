#include <heddle/asyncio/wait_list.h>
#include <heddle/core/error.h>

#include "asyncio/loop_core.h"
#include "asyncio/wait_list_access.h"

namespace heddle::asyncio {

using heddle::detail::thread_state;

FutureCore* Parking::passes_to() noexcept { return nullptr; }

void detail::ParkedTask::leave_task() noexcept { task_->set_parking(nullptr); }

void Parking::park(heddle::detail::Frame& frame) noexcept {
  detail::ParkingAccess::park(*this, frame);
}

// The cancellation came before the wait: it ends at once.
bool Parking::interrupt() noexcept {
  if (!pass_cancel(task_->cancel_message()) && parked()) {
    undo();
    task_->put(TaskCore::decided_flag, task_->has(TaskCore::must_cancel_flag));
  }
  task_->consume_request();
  return true;
}

void Parking::yield(heddle::detail::Frame& frame) noexcept {
  detail::ParkingAccess::yield(*this, frame);
}

void Parking::wake() noexcept { detail::ParkingAccess::wake(*this); }

void Parking::undo() noexcept {
  abandon();
  task_->set_parking(nullptr);
  state_ = State::abandoned;
  if (task_->has(TaskCore::by_destroying_flag) && ends_when_abandoned())
    task_->put(TaskCore::undone_flag, true);
  task_->loop().push(*task_);
}

void Parking::confirm_slowly() {
  if (state_ == State::refused) throw_refused();
  bool overtaken = state_ == State::woken && task_->has(TaskCore::interrupt_flag);
  if (state_ != State::abandoned && !overtaken) return;
  task_->put(TaskCore::decided_flag, false);
  // Requests that came since then are one with this: as in Python, one CancelledError answers them.
  task_->consume_request();
  if (overtaken) hand_on();
  throw CancelledError(task_->cancel_message());
}

void Parking::defer_cancel() noexcept { task_->set_must_cancel(true); }

bool WaitList::Awaiter::enlist(heddle::detail::Frame& frame) noexcept {
  if (!detail::WaitListAccess::admits(list_)) {
    refuse();
    return false;
  }
  detail::WaitListAccess::join(list_, *this, frame);
  return true;
}

void Parking::throw_refused() {
  detail::running_loop_core();
  throw RuntimeError(
      "this object is bound to a different event loop: a lock, event or queue serves the first "
      "loop "
      "that waits on it; between loops and threads use a Channel");
}

bool WaitList::wake_first() { return detail::WaitListAccess::wake_first(*this); }

}  // namespace heddle::asyncio
