// Executor: where work can be submitted to.
//
// Executors take jobs: a job owns the call and its future. In-process executors run it; an executor
// that sends work elsewhere makes jobs of its own that can be sent (ProcessPoolExecutor::submit())
// and refuses plain ones through their future. Source:
// https://docs.python.org/3/library/concurrent.futures.html#executor-objects
#pragma once

#include <heddle/futures/future.h>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <memory>
#include <tuple>
#include <utility>
#include <vector>

namespace heddle::futures {

// A call that waits for a worker.
class Job {
 public:
  virtual ~Job() = default;
  // Runs the call and completes the future, unless that was cancelled.
  virtual void run() noexcept = 0;
  virtual FutureCore& future() noexcept = 0;
};

namespace detail {

template <class R, class F, class... Args>
class CallJob final : public Job {
 public:
  template <class G, class... Brgs>
  explicit CallJob(Future<R> future, G&& function, Brgs&&... arguments)
      : future_(std::move(future)),
        function_(std::forward<G>(function)),
        arguments_(std::forward<Brgs>(arguments)...) {}

  FutureCore& future() noexcept override { return *future_.state(); }
  void run() noexcept override {
    if (!future_.set_running_or_notify_cancel()) return;
    try {
      if constexpr (std::is_void_v<R>) {
        std::apply(std::move(function_), std::move(arguments_));
        future_.set_result();
      } else {
        future_.set_result(std::apply(std::move(function_), std::move(arguments_)));
      }
    } catch (...) {
      future_.state()->finish_unless_done(std::current_exception());
    }
  }

 private:
  Future<R> future_;
  F function_;
  std::tuple<Args...> arguments_;
};

}  // namespace detail

// The results of Executor::map(), in order: a range to be walked once. Leaving it early cancels
// what has not begun.
template <class R>
class MapResults {
 public:
  explicit MapResults(std::vector<Future<R>> futures) : futures_(std::move(futures)) {}
  MapResults(MapResults&&) noexcept = default;
  MapResults& operator=(MapResults&&) noexcept = default;
  ~MapResults() {
    for (std::size_t i = next_; i < futures_.size(); ++i) futures_[i].cancel();
  }

  std::size_t size() const noexcept { return futures_.size(); }

  // An input iterator; * waits for the result and throws the call's exception.
  class iterator {
   public:
    using value_type = R;
    using difference_type = std::ptrdiff_t;
    iterator(MapResults& results, std::size_t index) noexcept : results_(&results), index_(index) {}
    R operator*() const { return results_->futures_[index_].result(); }
    iterator& operator++() noexcept {
      results_->next_ = ++index_;
      return *this;
    }
    void operator++(int) noexcept { ++*this; }
    friend bool operator==(const iterator& a, const iterator& b) noexcept {
      return a.index_ == b.index_;
    }

   private:
    MapResults* results_;
    std::size_t index_;
  };
  iterator begin() noexcept { return iterator(*this, next_); }
  iterator end() noexcept { return iterator(*this, futures_.size()); }

 private:
  std::vector<Future<R>> futures_;
  std::size_t next_ = 0;
};

// How an executor is shut down.
struct ShutdownOptions {
  bool wait = true;             // until everything that is not cancelled has run
  bool cancel_futures = false;  // what has not begun is cancelled
};

class Executor {
 public:
  Executor() = default;
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;
  virtual ~Executor() = default;

  // Takes the job over. Throws RuntimeError after shutdown(), BrokenExecutor when it is broken.
  // Thread-safe.
  virtual void schedule(std::unique_ptr<Job> job) = 0;

  // No more work is taken; what was submitted still runs, unless it is cancelled by the options.
  // May be called again. Thread-safe.
  virtual void shutdown(ShutdownOptions options = {}) = 0;

  // Runs function(args...) on a worker; both are stored until then, references only by std::ref.
  // The future gives the result or the exception. Throws as schedule(). Thread-safe.
  template <class F, class... Args>
    requires std::is_invocable_v<std::decay_t<F>, std::decay_t<Args>...>
  auto submit(F&& function, Args&&... args) {
    using R = std::invoke_result_t<std::decay_t<F>, std::decay_t<Args>...>;
    static_assert(!std::is_reference_v<R>,
                  "work on an executor must return a value: references do not outlive the call");
    Future<R> future;
    schedule(std::make_unique<detail::CallJob<R, std::decay_t<F>, std::decay_t<Args>...>>(
        future, std::forward<F>(function), std::forward<Args>(args)...));
    return future;
  }

  // Calls function on the elements of the ranges, taken together as far as the shortest goes. All
  // calls are submitted now; the results come in order. Throws as schedule().
  template <class F, class Range, class... Ranges>
  auto map(F function, Range&& range, Ranges&&... ranges) {
    using R = std::invoke_result_t<F&, std::iter_reference_t<decltype(std::begin(range))>,
                                   std::iter_reference_t<decltype(std::begin(ranges))>...>;
    std::vector<Future<R>> futures;
    auto next = std::make_tuple(std::begin(range), std::begin(ranges)...);
    auto end = std::make_tuple(std::end(range), std::end(ranges)...);
    while (none_at_end(next, end, std::make_index_sequence<1 + sizeof...(Ranges)>())) {
      std::apply([&](auto&... at) { futures.push_back(submit(function, *at...)); }, next);
      std::apply([](auto&... at) { (++at, ...); }, next);
    }
    return MapResults<R>(std::move(futures));
  }

 private:
  template <class Next, class End, std::size_t... I>
  static bool none_at_end(const Next& next, const End& end, std::index_sequence<I...>) {
    return ((std::get<I>(next) != std::get<I>(end)) && ...);
  }
};

}  // namespace heddle::futures
