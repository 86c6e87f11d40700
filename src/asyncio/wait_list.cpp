#include <heddle/asyncio/wait_list.h>

#include "asyncio/loop_core.h"

namespace heddle::asyncio {

using heddle::detail::thread_state;

Parking::~Parking() {
  if (parked()) task_->parked_ = nullptr;
}

void Parking::park(heddle::detail::Frame& frame) noexcept {
  task_ = thread_state.task;
  task_->innermost_ = &frame;
  task_->parked_ = this;
  state_ = State::parked;
  if (!task_->must_cancel_) return;
  // The cancellation came before the wait: it ends at once.
  if (pass_cancel(task_->rare_ ? task_->rare_->cancel_message : std::string())) {
    task_->must_cancel_ = false;
  } else if (parked()) {
    undo();
    task_->must_cancel_ = false;
  }
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

void Parking::confirm() {
  bool overtaken = state_ == State::woken && task_->must_cancel_;
  if (state_ != State::abandoned && !overtaken) return;
  if (overtaken) {
    task_->must_cancel_ = false;
    hand_on();
  }
  throw CancelledError(task_->rare_ ? task_->rare_->cancel_message : std::string());
}

void WaitList::Awaiter::enlist(heddle::detail::Frame& frame) noexcept {
  list_.waiters_.push_back(*this);
  park(frame);
}

bool WaitList::wake_one() noexcept {
  if (waiters_.empty()) return false;
  Awaiter& first = waiters_.front();
  first.unlink();
  first.wake();
  return true;
}

void WaitList::wake_all() noexcept {
  while (wake_one()) {
  }
}

}  // namespace heddle::asyncio
