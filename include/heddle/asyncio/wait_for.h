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
  explicit AwaitLimit(Nanoseconds delay);
  // At the end of the block: throws TimeoutError or rethrows `failure` if there is one.
  void finish(const std::exception_ptr& failure);
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
  AwaitLimit limit(*delay);
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
Coro<T> wait_for(Coro<T>& coroutine, Delay delay) {
  return wait_for(std::move(coroutine), delay);
}
template <class A>
auto wait_for(A&& awaitable, std::nullopt_t) {
  using Type = std::remove_cvref_t<A>;
  return detail::wait_limited<detail::AwaitResult<Type&>, Type>(std::forward<A>(awaitable),
                                                                std::nullopt);
}

}  // namespace heddle::asyncio
