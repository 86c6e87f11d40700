// Executor: where work can be submitted to.
//
// Executors take jobs: a job owns the call and is its future (FutureCore::run()). In-process
// executors run it; an executor that sends work elsewhere makes jobs of its own that can be sent
// (ProcessPoolExecutor::submit()) and refuses plain ones through their future. Source:
// https://docs.python.org/3/library/concurrent.futures.html#executor-objects
#pragma once

#include <heddle/futures/future.h>
#include <heddle/futures/map_results.h>

#include <atomic>
#include <cstddef>
#include <iterator>
#include <memory>
#include <optional>
#include <stop_token>
#include <tuple>
#include <utility>

namespace heddle::futures {

// What an executor takes: a share in a future that has its call with it, while others may hold it
// as well.
struct JobRelease {
  void operator()(FutureCore* job) const noexcept { SharedRef<FutureCore>::adopt(job); }
};
using JobRef = std::unique_ptr<FutureCore, JobRelease>;

// How an executor is shut down.
struct ShutdownOptions {
  bool wait = true;             // until everything that is not cancelled has run
  bool cancel_futures = false;  // what has not begun is cancelled
  bool request_stop = false;    // what runs and takes a stop token is asked to stop; not in Python
};

namespace detail {

template <class F, class... Args>
inline constexpr bool wants_stop_token =
    !std::is_invocable_v<F, Args...> && std::is_invocable_v<F, std::stop_token, Args...>;

template <class F, class... Args>
concept Callable = std::is_invocable_v<F, Args...> || wants_stop_token<F, Args...>;

struct NoStopSource {};

template <class F, class... Args>
auto result_type() {
  if constexpr (wants_stop_token<F, Args...>) {
    return std::type_identity<std::invoke_result_t<F, std::stop_token, Args...>>();
  } else {
    return std::type_identity<std::invoke_result_t<F, Args...>>();
  }
}

template <class R, class F, class... Args>
class CallJob final : public FutureState<R> {
 public:
  static constexpr bool takes_token = wants_stop_token<F, Args...>;
  using Begin = FutureCore::Begin;

  // references: those of the executor and of the caller.
  template <class G, class... Brgs>
  explicit CallJob(std::uint32_t references, G&& function, Brgs&&... arguments)
      : FutureState<R>(references, takes_token) {
    call_.emplace(std::forward<G>(function), std::forward<Brgs>(arguments)...);
  }

  void run() noexcept override {
    switch (this->begin()) {
      case Begin::begun:
        return run_begun();
      case Begin::cancelled:
        return call_.reset();
      case Begin::gone:
        return;
    }
  }
  bool request_stop() noexcept override {
    if constexpr (takes_token) stop_.request_stop();
    return takes_token;
  }

 private:
  struct Call {
    template <class G, class... Brgs>
    explicit Call(G&& function_, Brgs&&... arguments_)
        : function(std::forward<G>(function_)), arguments(std::forward<Brgs>(arguments_)...) {}
    F function;
    [[no_unique_address]] std::tuple<Args...> arguments;
  };

  decltype(auto) invoke() {
    if constexpr (takes_token) {
      return std::apply(std::move(call_->function),
                        std::tuple_cat(std::tuple(stop_.get_token()), std::move(call_->arguments)));
    } else {
      return std::apply(std::move(call_->function), std::move(call_->arguments));
    }
  }

  void run_begun() noexcept {
    std::exception_ptr failure;
    try {
      if constexpr (std::is_void_v<R>) {
        invoke();
        this->value.emplace();
      } else {
        this->value.emplace(invoke());
      }
    } catch (...) {
      failure = std::current_exception();
    }
    call_.reset();  // before the outcome is seen: then the arguments are gone
    this->finish_begun(std::move(failure));
  }

  std::optional<Call> call_;
  [[no_unique_address]] std::conditional_t<takes_token, std::stop_source, NoStopSource> stop_;
};

// Whether an executor is there still, for those who submit to it later.
class ExecutorLife {
 public:
  explicit ExecutorLife(void* executor) noexcept : executor_(executor) {}
  void end() noexcept { executor_.store(nullptr, std::memory_order_release); }
  // Throws RuntimeError "cannot schedule new futures after shutdown" when it is gone.
  void* get() const;

 private:
  std::atomic<void*> executor_;
};

// The calls of a map() over ranges, of which rvalues are kept here.
template <class R, class Submit, class F, class... Ranges>
class ZipFeed final : public MapFeed<R> {
 public:
  ZipFeed(Submit submit, F function, Ranges&&... ranges)
      : submit_(std::move(submit)),
        function_(std::move(function)),
        ranges_(std::forward<Ranges>(ranges)...),
        next_(std::apply([](auto&... range) { return Next(std::begin(range)...); }, ranges_)),
        end_(std::apply([](auto&... range) { return End(std::end(range)...); }, ranges_)) {}

  bool submit_next(std::deque<Future<R>>& futures) override {
    return take([&](auto&&... elements) {
      futures.push_back(submit_(function_, std::forward<decltype(elements)>(elements)...));
    });
  }

 private:
  using Next =
      std::tuple<decltype(std::begin(std::declval<std::remove_reference_t<Ranges>&>()))...>;
  using End = std::tuple<decltype(std::end(std::declval<std::remove_reference_t<Ranges>&>()))...>;

  template <class Use>
  bool take(Use use) {
    // The step to the next elements is put off until they are wanted: they may be slow to come.
    if (std::exchange(begun_, true)) std::apply([](auto&... at) { (++at, ...); }, next_);
    if (!none_at_end(std::index_sequence_for<Ranges...>())) return false;
    std::apply([&](auto&... at) { use(*at...); }, next_);
    return true;
  }
  template <std::size_t... I>
  bool none_at_end(std::index_sequence<I...>) {
    return ((std::get<I>(next_) != std::get<I>(end_)) && ...);
  }

  Submit submit_;
  F function_;
  std::tuple<Ranges...> ranges_;
  Next next_;
  End end_;
  bool begun_ = false;
};

template <class Range>
concept Iterable = requires(std::remove_reference_t<Range>& range) {
  std::begin(range);
  std::end(range);
};

template <Iterable Range>
using ElementOf =
    std::decay_t<decltype(*std::begin(std::declval<std::remove_reference_t<Range>&>()))>;

}  // namespace detail

class Executor {
 public:
  Executor() : life_(std::make_shared<detail::ExecutorLife>(this)) {}
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;
  virtual ~Executor() { life_->end(); }

  // Takes the job over. The caller must hold the job's future as well until this returns. Throws
  // RuntimeError after shutdown(), BrokenExecutor when it is broken. Thread-safe.
  virtual void schedule(JobRef job) = 0;

  // No more work is taken; what was submitted still runs, unless it is cancelled by the options.
  // May be called again. Thread-safe.
  virtual void shutdown(ShutdownOptions options = {}) = 0;

  // Runs function(args...) on a worker; both are stored until then, references only by std::ref,
  // and destroyed before the future is done. A function whose first parameter is a std::stop_token,
  // and which cannot be called without it, is given one; see Future::request_stop(). The future
  // gives the result or the exception. Throws as schedule(). Thread-safe.
  template <class F, class... Args>
    requires detail::Callable<std::decay_t<F>, std::decay_t<Args>...>
  auto submit(F&& function, Args&&... args) {
    using R =
        typename decltype(detail::result_type<std::decay_t<F>, std::decay_t<Args>...>())::type;
    static_assert(!std::is_reference_v<R>,
                  "work on an executor must return a value: references do not outlive the call");
    auto* job = new detail::CallJob<R, std::decay_t<F>, std::decay_t<Args>...>(
        2, std::forward<F>(function), std::forward<Args>(args)...);
    Future<R> future(SharedRef<detail::FutureState<R>>::adopt(job));
    schedule(JobRef(job));
    return future;
  }

  // Calls function on the elements of the ranges, taken together as far as the shortest goes; the
  // results come in order. All calls are submitted now, unless the options give a buffersize. A
  // range that is an lvalue must outlive the results then. The options come last (after up to three
  // ranges) or right after the function. Throws as schedule(), and ValueError for wrong options.
  // One thread walks the results; the first error ends them; leaving them early cancels what has
  // not begun.
  template <class F, detail::Iterable... Ranges>
    requires detail::Callable<F, detail::ElementOf<Ranges>...>
  auto map(F function, MapOptions options, Ranges&&... ranges) {
    using R = typename decltype(detail::result_type<F, detail::ElementOf<Ranges>...>())::type;
    detail::MapLimits limits(options);
    auto submit = [life = life_](F& f, auto&&... elements) {
      auto* executor = static_cast<Executor*>(life->get());
      return executor->submit(f, std::forward<decltype(elements)>(elements)...);
    };
    using Feed = detail::ZipFeed<R, decltype(submit), F, Ranges...>;
    return MapResults<R>(limits, std::make_unique<Feed>(std::move(submit), std::move(function),
                                                        std::forward<Ranges>(ranges)...));
  }
  template <class F, detail::Iterable Range>
    requires detail::Callable<F, detail::ElementOf<Range>>
  auto map(F function, Range&& range, MapOptions options = {}) {
    return map(std::move(function), options, std::forward<Range>(range));
  }
  template <class F, detail::Iterable A, detail::Iterable B>
    requires detail::Callable<F, detail::ElementOf<A>, detail::ElementOf<B>>
  auto map(F function, A&& a, B&& b, MapOptions options = {}) {
    return map(std::move(function), options, std::forward<A>(a), std::forward<B>(b));
  }
  template <class F, detail::Iterable A, detail::Iterable B, detail::Iterable C>
    requires detail::Callable<F, detail::ElementOf<A>, detail::ElementOf<B>, detail::ElementOf<C>>
  auto map(F function, A&& a, B&& b, C&& c, MapOptions options = {}) {
    return map(std::move(function), options, std::forward<A>(a), std::forward<B>(b),
               std::forward<C>(c));
  }

 protected:
  // Ends with the executor.
  const std::shared_ptr<detail::ExecutorLife>& life() const noexcept { return life_; }

 private:
  std::shared_ptr<detail::ExecutorLife> life_;
};

}  // namespace heddle::futures
