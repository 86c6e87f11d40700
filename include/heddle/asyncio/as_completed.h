// as_completed: the outcomes of several awaitables, in the order in which they end.
//
//     auto arriving = asyncio::as_completed(std::move(fetches));
//     for (auto next : arriving) show(co_await next);          // results, one by one
//
//     while (auto task = co_await asyncio::next(arriving)) ... // or the tasks themselves
//
// Source: https://docs.python.org/3/library/asyncio-task.html#asyncio.as_completed
#pragma once

#include <heddle/asyncio/task.h>
#include <heddle/asyncio/wait_list.h>

#include <iterator>
#include <memory>
#include <optional>
#include <vector>

namespace heddle::asyncio {

namespace detail {

// The untyped part: collects what is done. Shared by the iterator and the awaits it gave.
class Arrivals : public Counted {
 public:
  Arrivals(std::vector<AnyFuture> futures, std::optional<Delay> timeout);
  ~Arrivals();
  void destroy() noexcept { delete this; }

  std::size_t size() const noexcept { return size_; }
  // The next that is done. Throws TimeoutError for each that is not done in time.
  Coro<AnyFuture> next(Ref<Arrivals> self);

 private:
  struct Watcher;
  void arrived(Watcher& watcher);
  void time_is_up() noexcept;

  class Arrived;
  std::unique_ptr<Watcher[]> watchers_;
  std::size_t size_ = 0;
  std::vector<AnyFuture> done_;  // not yet taken, in order from next_
  std::size_t next_ = 0;
  bool late_ = false;
  TimerHandle alarm_;
  WaitList waiters_;
};

template <class T>
Coro<T> result_of_next(Ref<Arrivals> arrivals) {
  AnyFuture future = co_await arrivals->next(arrivals);
  co_return take_value<T>(*future.core(), false);
}
template <class F>
Coro<F> next_future(Ref<Arrivals> arrivals, bool over) {
  if (over) throw StopAsyncIteration();
  AnyFuture future = co_await arrivals->next(arrivals);
  co_return F(future.core());
}

}  // namespace detail

// What as_completed() gives. F is Task<T> or Future<T>.
template <class F>
class AsCompleted {
 public:
  using T = typename F::value_type;

  explicit AsCompleted(Ref<detail::Arrivals> arrivals) noexcept : arrivals_(std::move(arrivals)) {}

  // The plain form: as many coroutines as there are distinct futures; each gives the result of the
  // next that is done, or throws its exception, or TimeoutError.
  class iterator {
   public:
    using value_type = Coro<T>;
    using difference_type = std::ptrdiff_t;
    iterator(AsCompleted* owner, std::size_t left) noexcept : owner_(owner), left_(left) {}
    Coro<T> operator*() const {
      --owner_->left_;
      return detail::result_of_next<T>(owner_->arrivals_);
    }
    iterator& operator++() noexcept {
      --left_;
      return *this;
    }
    void operator++(int) noexcept { ++*this; }
    friend bool operator==(const iterator& a, const iterator& b) noexcept {
      return a.left_ == b.left_;
    }

   private:
    AsCompleted* owner_;
    std::size_t left_;
  };
  iterator begin() noexcept { return iterator(this, left_); }
  iterator end() noexcept { return iterator(this, 0); }

  // The async form: the next future that is done, the very one that was given; throws
  // StopAsyncIteration at the end, TimeoutError.
  Coro<F> anext() {
    bool over = left_ == 0;
    if (!over) --left_;
    return detail::next_future<F>(arrivals_, over);
  }

 private:
  Ref<detail::Arrivals> arrivals_;
  std::size_t left_ = arrivals_->size();
};

// Watches the awaitables of a range: futures and tasks as they are, coroutines become tasks now.
// timeout: what is not done by then makes the remaining awaits throw TimeoutError; the work is not
// cancelled. The same future given twice counts once. Throws RuntimeError "no running event loop".
// Cancelled: an await throws CancelledError, and takes nothing.
template <class Range>
auto as_completed(Range&& range, std::optional<Delay> timeout = std::nullopt) {
  using A = std::remove_cvref_t<decltype(*std::begin(range))>;
  std::vector<AnyFuture> futures;
  if constexpr (detail::is_future<A>) {
    for (const A& future : range) futures.push_back(future);
    return AsCompleted<A>(Ref(new detail::Arrivals(std::move(futures), timeout)));
  } else {
    using F = Task<typename decltype(ensure_future(std::declval<A>()))::value_type>;
    for (A& awaitable : range) futures.push_back(ensure_future(std::move(awaitable)));
    return AsCompleted<F>(Ref(new detail::Arrivals(std::move(futures), timeout)));
  }
}

}  // namespace heddle::asyncio
