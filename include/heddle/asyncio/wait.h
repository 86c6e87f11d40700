// wait: watches several tasks or futures until one, the first failure, or all are done.
//
//     auto [done, pending] = co_await asyncio::wait(tasks, {.return_when =
//     asyncio::FIRST_COMPLETED});
//
// It only watches: it throws nothing of theirs and cancels nothing, neither at the timeout nor when
// it is cancelled itself. Source: https://docs.python.org/3/library/asyncio-task.html#asyncio.wait
#pragma once

#include <heddle/asyncio/task.h>

#include <optional>
#include <type_traits>
#include <vector>

namespace heddle::asyncio {

// When wait() returns.
enum class ReturnWhen : unsigned char { first_completed, first_exception, all_completed };
inline constexpr ReturnWhen FIRST_COMPLETED = ReturnWhen::first_completed;
// The first that fails; one that is cancelled does not count. Without a failure: all.
inline constexpr ReturnWhen FIRST_EXCEPTION = ReturnWhen::first_exception;
inline constexpr ReturnWhen ALL_COMPLETED = ReturnWhen::all_completed;

struct WaitOptions {
  std::optional<Delay> timeout{};  // none: no limit
  ReturnWhen return_when = ALL_COMPLETED;
};

// What wait() gives: each future once, in the order of the arguments.
template <class F>
class WaitResult {
 public:
  WaitResult(std::vector<F> done_, std::vector<F> pending_)
      : done(std::move(done_)), pending(std::move(pending_)) {}

  std::vector<F> done;
  std::vector<F> pending;
};

namespace detail {

// Each distinct future once. Throws ValueError for none at all.
std::vector<AnyFuture> distinct(std::vector<AnyFuture> futures);
// Waits as the options say. The futures are of the running loop.
Coro<void> watch(std::vector<AnyFuture> futures, WaitOptions options);

template <class F>
Coro<WaitResult<F>> wait_for_some(std::vector<F> futures, WaitOptions options) {
  std::vector<AnyFuture> watched(futures.begin(), futures.end());
  watched = distinct(std::move(watched));
  co_await watch(watched, options);
  std::vector<F> done;
  std::vector<F> pending;
  for (const AnyFuture& future : watched) {
    F same(future.core());
    (future.done() ? done : pending).push_back(std::move(same));
  }
  co_return WaitResult<F>(std::move(done), std::move(pending));
}

}  // namespace detail

// Waits for tasks and futures of one type, or for AnyFuture or AnyTask; any range of them. Throws
// ValueError "Set of Tasks/Futures is empty." Cancelled: throws CancelledError and leaves them
// alone. Coroutines are refused: make tasks of them first.
template <class Range>
auto wait(const Range& futures, WaitOptions options = {}) {
  using F = std::remove_cvref_t<decltype(*std::begin(futures))>;
  static_assert(!detail::is_coro<F>,
                "TypeError: Passing coroutines is forbidden, use tasks explicitly: wait() gives "
                "back what it was given, and a coroutine cannot be given back");
  static_assert(detail::is_future<F>, "TypeError: wait() takes tasks and futures");
  return detail::wait_for_some<F>(std::vector<F>(std::begin(futures), std::end(futures)), options);
}

}  // namespace heddle::asyncio
