// futures::wait: watches several futures until one, the first failure, or all are done.
//
//     auto [done, not_done] = futures::wait(pages, {.timeout = 5s});
//
// It only watches: it throws nothing of theirs and cancels nothing. Differs from Python: a future
// counts as done from cancel() on, also when no executor has met it yet. Source:
// https://docs.python.org/3/library/concurrent.futures.html#concurrent.futures.wait
#pragma once

#include <heddle/core/delay.h>
#include <heddle/futures/future.h>

#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

namespace heddle::futures {

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
  WaitResult(std::vector<F> done_, std::vector<F> not_done_)
      : done(std::move(done_)), not_done(std::move(not_done_)) {}

  std::vector<F> done;
  std::vector<F> not_done;
};

namespace detail {

using Cores = std::vector<FutureCore*>;

// Whether each stands there once only.
bool all_distinct(const Cores& cores);
// Where each of them stands first.
std::vector<std::size_t> first_places(const Cores& cores);
// Blocks as the options say. The cores stay alive meanwhile.
void watch(const Cores& cores, WaitOptions options);

template <class F, class Range>
std::vector<F> distinct(const Range& range) {
  std::vector<F> futures(std::begin(range), std::end(range));
  Cores cores;
  cores.reserve(futures.size());
  for (const F& future : futures) cores.push_back(future.state().get());
  if (all_distinct(cores)) return futures;
  std::vector<F> once;
  for (std::size_t place : first_places(cores)) once.push_back(std::move(futures[place]));
  return once;
}

}  // namespace detail

// Waits for the futures of a range; the same one given twice counts once. Thread-safe. A worker of
// a pool that waits for work queued in that pool does it, as Future::result() does: without a
// timeout, and with a return_when other than ALL_COMPLETED only while none that stands before it
// runs.
template <class Range>
auto wait(const Range& range, WaitOptions options = {}) {
  using F = std::remove_cvref_t<decltype(*std::begin(range))>;
  std::vector<F> futures = detail::distinct<F>(range);
  detail::Cores cores;
  cores.reserve(futures.size());
  for (const F& future : futures) cores.push_back(future.state().get());
  detail::watch(cores, options);
  std::vector<F> done;
  std::vector<F> not_done;
  for (F& future : futures) {
    std::vector<F>& side = future.done() ? done : not_done;
    side.push_back(std::move(future));
  }
  return WaitResult<F>(std::move(done), std::move(not_done));
}

}  // namespace heddle::futures
