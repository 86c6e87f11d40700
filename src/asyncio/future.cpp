#include <heddle/asyncio/future.h>

#include "asyncio/exception_kind.h"
#include "asyncio/loop_core.h"

namespace heddle::asyncio {

namespace {
[[gnu::noinline]] void turn_round(heddle::detail::WaiterList<detail::DoneWaiter>& from,
                                  heddle::detail::WaiterList<detail::DoneWaiter>& to) noexcept {
  from.move_turned_to(to);
}
}  // namespace

void FutureCore::attach() noexcept { loop_.attach(); }

void FutureCore::detach() noexcept {
  if (!succeeded()) drop_rest();
  loop_.detach();
}

void FutureCore::drop_rest() noexcept {
  if (done()) return std::destroy_at(&exception_);
  if (!waiters_.empty()) drop_waiters();
}

void FutureCore::drop_waiters() noexcept {
  Waiters waiting;
  turn_round(waiters_, waiting);
  while (!waiting.empty()) waiting.pop_newest().drop();
}

void FutureCore::tell_waiters() noexcept {
  if (!waiters_.has_one()) return tell_many();
  waiters_.pop_newest().done(*this);
}

[[gnu::noinline]] void FutureCore::tell_many() noexcept {
  Waiters waiting;
  turn_round(waiters_, waiting);
  while (!waiting.empty()) waiting.pop_newest().done(*this);
}

// The exception takes the place of the waiters.
inline void FutureCore::put_exception(State state, std::exception_ptr exception) noexcept {
  state_ = state;
  std::atomic_signal_fence(std::memory_order_release);  // who looks for waiters sees that
  std::construct_at(&exception_, std::move(exception));
}

void FutureCore::finish_with(State state, std::exception_ptr exception) noexcept {
  if (!waiters_.empty() && !waiters_.has_one()) return finish_many(state, std::move(exception));
  detail::DoneWaiter* waiter = waiters_.empty() ? nullptr : &waiters_.pop_newest();
  put_exception(state, std::move(exception));
  if (waiter != nullptr) waiter->done(*this);
}

[[gnu::noinline]] void FutureCore::finish_many(State state, std::exception_ptr exception) noexcept {
  Waiters waiting;
  turn_round(waiters_, waiting);
  put_exception(state, std::move(exception));
  while (!waiting.empty()) waiting.pop_newest().done(*this);
}

void FutureCore::report_now() noexcept {
  mark_retrieved();
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
      mark_retrieved();
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
  mark_retrieved();
  return stored_exception();
}

void FutureCore::require_pending() const {
  if (is_task())
    throw RuntimeError(
        "Task does not support set_result operation: its coroutine gives the result");
  if (done()) throw InvalidStateError("invalid state: " + describe() + " is done already");
  if (loop_.debug()) loop_.require_own_thread();
}

void FutureCore::finish_exception(std::exception_ptr exception) noexcept {
  // A cancellation is no error that somebody has to hear of.
  put(unreported_bit, !detail::is_exactly<CancelledError>(exception));
  finish_with(State::exception, std::move(exception));
}

void FutureCore::finish_cancelled(std::exception_ptr reason) noexcept {
  finish_with(State::cancelled, std::move(reason));
}

std::uint64_t FutureCore::next_callback_id() noexcept { return loop_.next_callback_id(); }

std::size_t FutureCore::remove_callback(std::uint64_t id) noexcept {
  for (detail::DoneWaiter* waiter = newest_waiter(); waiter != nullptr;
       waiter = waiter_before(*waiter)) {
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
  future_->add_waiter_to_pending(*this);
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
