#include <heddle/asyncio/wait_list.h>
#include <heddle/core/error.h>

#include "asyncio/loop_core.h"

namespace heddle::asyncio {

using heddle::detail::thread_state;

FutureCore* Parking::passes_to() noexcept { return nullptr; }

void Parking::leave_task() noexcept { task_->parked_ = nullptr; }

void Parking::park(heddle::detail::Frame& frame) noexcept {
  task_ = thread_state.task;
  task_->innermost_ = &frame;
  task_->parked_ = this;
  state_ = State::parked;
  if (task_->interrupt_) interrupt();
}

// The cancellation came before the wait: it ends at once.
void Parking::interrupt() noexcept {
  if (!pass_cancel(task_->cancel_message()) && parked()) {
    undo();
    task_->cancel_decided_ = task_->must_cancel_;
  }
  task_->consume_request();
}

void Parking::yield(heddle::detail::Frame& frame) noexcept {
  task_ = thread_state.task;
  task_->innermost_ = &frame;
  state_ = State::woken;
  task_->loop().push(*task_);
}

void Parking::wake() noexcept {
  task_->parked_ = nullptr;
  state_ = State::woken;
  task_->loop().push(*task_);
}

void Parking::undo() noexcept {
  abandon();
  task_->parked_ = nullptr;
  state_ = State::abandoned;
  task_->loop().push(*task_);
}

void Parking::confirm_wait() {
  bool overtaken = state_ == State::woken && task_->interrupt_;
  if (state_ != State::abandoned && !overtaken) return;
  task_->cancel_decided_ = false;
  // Requests that came since then are one with this: as in Python, one CancelledError answers them.
  task_->consume_request();
  if (overtaken) hand_on();
  throw CancelledError(task_->cancel_message());
}

void Parking::defer_cancel() noexcept { task_->set_must_cancel(true); }

bool WaitList::Awaiter::enlist(heddle::detail::Frame& frame) noexcept {
  std::uint64_t loop = thread_state.loop->serial();
  if (list_.loop_ == 0) list_.loop_ = loop;
  if (list_.loop_ != loop) {
    misused_ = true;
    return false;
  }
  list_.waiters_.push_back(*this);
  park(frame);
  return true;
}

void WaitList::Awaiter::throw_misuse() {
  throw RuntimeError(
      "this object is bound to a different event loop: a lock, event or queue serves the first "
      "loop "
      "that waits on it; between loops and threads use a Channel");
}

bool WaitList::wake_first() {
  Awaiter& first = waiters_.front();
  LoopCore& loop = first.task()->loop();
  if (loop.debug()) loop.require_own_thread();
  first.unlink();
  first.wake();
  return true;
}

}  // namespace heddle::asyncio
