// wait_for: awaits something for a limited time.
//
//     try {
//       page = co_await asyncio::wait_for(fetch("example.org"), 10s);
//     } catch (const heddle::TimeoutError&) { ... }
#pragma once

#include <heddle/asyncio/task.h>
#include <heddle/asyncio/timeout.h>

#include <optional>
#include <utility>

namespace heddle::asyncio {

namespace detail {

// Cancels the future and waits until it is done, whatever its outcome.
Coro<void> cancel_and_wait(AnyFuture future);

// A Timeout around one await, without frames of its own.
class AwaitLimit : public Timeout {
 public:
  AwaitLimit() noexcept : Timeout(std::nullopt) {}
  ~AwaitLimit() { release_task(); }

  // The await begins: its task sees its cancellation as an exception until the end. delay: more
  // than 0. Throws RuntimeError outside of a task.
  void begin(Nanoseconds delay);
  // The await has ended. True when it had not begun, or the time was not up: then its outcome
  // counts. Else finish() decides.
  bool met() noexcept;
  // The await has ended: throws TimeoutError, or rethrows `failure` if there is one.
  void finish(const std::exception_ptr& failure);

 private:
  void release_task() noexcept;
};

template <class T, class A>
Coro<T> wait_limited(A awaitable, std::optional<Nanoseconds> delay) {
  SeesCancellation sees;
  if (!delay) co_return co_await awaitable;
  if (*delay <= 0) {
    Future<T> future = ensure_future(std::move(awaitable));
    if (!future.done()) {
      co_await cancel_and_wait(future);
      if (future.cancelled()) throw TimeoutError();
    }
    co_return co_await future;  // done: does not suspend
  }
  AwaitLimit limit;
  limit.begin(*delay);
  std::exception_ptr failure;
  if constexpr (std::is_void_v<T>) {
    try {
      co_await awaitable;
    } catch (...) {
      failure = std::current_exception();
    }
    limit.finish(failure);
  } else {
    std::optional<Stored<T>> result;
    try {
      if constexpr (std::is_reference_v<T>) {
        result = &(co_await awaitable);
      } else {
        result.emplace(co_await awaitable);
      }
    } catch (...) {
      failure = std::current_exception();
    }
    limit.finish(failure);
    if constexpr (std::is_reference_v<T>) {
      co_return **result;
    } else {
      co_return *std::move(result);
    }
  }
}

// An await of wait_for() on a coroutine, which runs right inside the one that awaits this.
template <class T>
class [[nodiscard("co_await it")]] WaitFor : private CoroutineLike {
 public:
  WaitFor(Coro<T>&& work, Nanoseconds delay) noexcept : work_(std::move(work)), delay_(delay) {}
  // Before it begins.
  WaitFor(WaitFor&& other) noexcept : WaitFor(std::move(other.work_), other.delay_) {}
  operator Coro<T>() && { return limited(); }

  bool await_ready() const noexcept { return false; }
  template <class P>
  bool await_suspend(std::coroutine_handle<P> awaiting) {
    if (waiting_) throw_already_awaited();
    bool at_once = delay_ <= 0;
    waiting_.emplace(at_once ? limited().take() : work_.take(), awaiting.promise());
    if (!at_once) limit_.begin(delay_);
    return begin_await(*waiting_, awaiting);
  }
  T await_resume() {
    if (!limit_.met()) [[unlikely]]
      limit_.finish(waiting_->take_error());
    return waiting_->await_resume();
  }

 private:
  Coro<T> limited() { return wait_limited<T, Coro<T>>(std::move(work_), delay_); }

  Coro<T> work_;
  Nanoseconds delay_;
  AwaitLimit limit_;
  std::optional<CoroAwaiter<T>> waiting_;
};

}  // namespace detail

// Awaits `awaitable` (a coroutine, task, future or other awaitable) for at most `delay`. When the
// time is up it is cancelled, and TimeoutError comes once it has ended, which its cleanup may
// defer; a result or an error of its own that it ends with comes in place of that. Zero or less: a
// coroutine does not begin; a finished future gives its result. std::nullopt: no limit. Cancelled:
// the work is cancelled too, and CancelledError is thrown. Throws what the work throws, ValueError
// for NaN. Source: https://docs.python.org/3/library/asyncio-task.html#asyncio.wait_for
template <class A>
auto wait_for(A&& awaitable, Delay delay) {
  using Type = std::remove_cvref_t<A>;
  return detail::wait_limited<detail::AwaitResult<Type&>, Type>(std::forward<A>(awaitable),
                                                                delay.nanoseconds());
}
template <class T>
detail::WaitFor<T> wait_for(Coro<T>&& coroutine, Delay delay) {
  return detail::WaitFor<T>(std::move(coroutine), delay.nanoseconds());
}
template <class T>
detail::WaitFor<T> wait_for(Coro<T>& coroutine, Delay delay) {
  return wait_for(std::move(coroutine), delay);
}
template <class A>
auto wait_for(A&& awaitable, std::nullopt_t) {
  using Type = std::remove_cvref_t<A>;
  return detail::wait_limited<detail::AwaitResult<Type&>, Type>(std::forward<A>(awaitable),
                                                                std::nullopt);
}

}  // namespace heddle::asyncio
