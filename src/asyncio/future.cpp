#include <heddle/asyncio/future.h>

#include "asyncio/exception_kind.h"
#include "asyncio/loop_core.h"

namespace heddle::asyncio {

void FutureCore::attach() noexcept { loop_.attach(); }

void FutureCore::detach() noexcept {
  drop_waiters();
  loop_.detach();
}

void FutureCore::drop_waiters() noexcept {
  while (!waiters_.empty()) waiters_.pop_front().drop();
}

void FutureCore::report_now() noexcept {
  report_ = false;
  loop_.report(
      ExceptionContext::about(unretrieved_message(), exception_, *this,
                              "co_await it, read its exception(), or run it in a TaskGroup"));
}

bool FutureCore::cancel(const std::string& message) {
  if (done()) return false;
  if (loop_.debug()) loop_.require_own_thread();
  finish_cancelled(message.empty() ? nullptr : std::make_exception_ptr(CancelledError(message)));
  return true;
}

void FutureCore::throw_result() {
  switch (state_) {
    case State::pending:
      throw InvalidStateError("Result is not set.");
    case State::cancelled:
      if (exception_) std::rethrow_exception(exception_);
      throw CancelledError();
    case State::exception:
      report_ = false;
      std::rethrow_exception(exception_);
    case State::taken:
      throw InvalidStateError("Result was moved out: it cannot be copied, so only one may take it");
    case State::value:
      break;
  }
}

std::exception_ptr FutureCore::exception() {
  if (state_ == State::pending) throw InvalidStateError("Exception is not set.");
  if (state_ == State::cancelled) check_result();
  report_ = false;
  return exception_;
}

void FutureCore::require_pending() const {
  if (is_task())
    throw RuntimeError(
        "Task does not support set_result operation: its coroutine gives the result");
  if (done()) throw InvalidStateError("invalid state: " + describe() + " is done already");
  if (loop_.debug()) loop_.require_own_thread();
}

void FutureCore::finish_exception(std::exception_ptr exception) noexcept {
  exception_ = std::move(exception);
  // A cancellation is no error that somebody has to hear of.
  report_ = !detail::is_exactly<CancelledError>(exception_);
  finish(State::exception);
}

void FutureCore::finish_cancelled(std::exception_ptr reason) noexcept {
  exception_ = std::move(reason);
  finish(State::cancelled);
}

std::uint64_t FutureCore::next_callback_id() noexcept { return loop_.next_callback_id(); }

std::size_t FutureCore::remove_callback(std::uint64_t id) noexcept {
  for (detail::DoneWaiter* waiter = waiters_.first(); waiter != nullptr;
       waiter = waiters_.next(*waiter)) {
    if (waiter->callback_id() != id) continue;
    waiter->unlink();
    waiter->drop();
    return 1;
  }
  return 0;
}

std::string FutureCore::describe() const {
  switch (state_) {
    case State::pending:
      return "<Future pending>";
    case State::cancelled:
      return "<Future cancelled>";
    case State::exception:
      return "<Future finished exception=" + repr(exception_) + ">";
    case State::value:
    case State::taken:
      return "<Future finished>";
  }
  return {};
}

void AnyFuture::set_exception(std::exception_ptr exception) {
  if (!exception)
    throw TypeError("exception must not be null: make one with std::make_exception_ptr()");
  core_->require_pending();
  if (detail::is_exactly<StopAsyncIteration>(exception)) {
    throw TypeError(
        "StopAsyncIteration interacts badly with generators and cannot be raised into a Future");
  }
  core_->finish_exception(std::move(exception));
}

bool detail::FutureParking::suspend(heddle::detail::Frame& frame) {
  using heddle::detail::thread_state;
  if (&future_->loop() != thread_state.loop || future_.get() == thread_state.task) [[unlikely]] {
    refuse();
    return false;
  }
  future_->waiters().push_back(*this);
  return detail::ParkingAccess::park(*this, frame);
}

FutureCore* detail::FutureParking::waiter() const noexcept { return task(); }

void detail::FutureParking::finish_badly() {
  if (!refused()) return confirm();
  running_loop_core();  // there is none in a child of fork()
  TaskCore* task = heddle::detail::thread_state.task;
  if (future_.get() == task)
    throw RuntimeError("Task cannot await on itself: " + future_->describe());
  throw RuntimeError(task->describe() + " got " + future_->describe() +
                     " attached to a different loop: use a futures::Future between loops");
}

}  // namespace heddle::asyncio
