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

// Keeps the first of each. Throws ValueError when one is not of the running loop.
void keep_distinct(std::vector<AnyFuture>& futures);
// Waits as the options say, after keep_distinct(). Throws ValueError for none at all.
Coro<void> watch(std::vector<AnyFuture>& futures, WaitOptions options);

template <class F>
Coro<WaitResult<F>> wait_for_some(std::vector<AnyFuture> futures, WaitOptions options) {
  co_await watch(futures, options);
  std::vector<F> done;
  std::vector<F> pending;
  done.reserve(futures.size());  // nearly always all of them
  for (AnyFuture& future : futures) {
    std::vector<F>& place = future.done() ? done : pending;
    place.push_back(F(future.take_core()));
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
  return detail::wait_for_some<F>(std::vector<AnyFuture>(std::begin(futures), std::end(futures)),
                                  options);
}

}  // namespace heddle::asyncio
