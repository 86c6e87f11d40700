// AsyncGenerator<T>: an async function with `co_yield`.
//
//     asyncio::AsyncGenerator<int> count(int n) {
//       for (int i = 0; i < n; ++i) {
//         co_await asyncio::sleep(1s);
//         co_yield i;
//       }
//     }
//
//     auto numbers = count(3);
//     while (auto number = co_await numbers.next()) std::cout << *number << "\n";   // async for
//
// Calling count() runs nothing. Each step runs the body to its next co_yield, in the task of
// whoever asks. One consumer at a time: a second step while one is under way is a RuntimeError.
// AsyncGenerator<T, S> also receives: `co_yield` gives an std::optional<S>, which holds what
// asend() sent. A generator that is left early is closed by scope: the destructor destroys its
// frame, and so runs its destructors. Cleanup that must await runs in aclose(); `co_await
// asyncio::with(asyncio::aclosing(generator), body)` calls it on every path, and asyncio::run()
// does for those that outlive main. Differs from Python: a dropped generator is not closed by a
// task at some later time, since its references may be dead by then. One loop only. Source:
// https://docs.python.org/3/reference/expressions.html#asynchronous-generator-functions
#pragma once

#include <heddle/asyncio/coroutine.h>
#include <heddle/core/intrusive_list.h>
#include <heddle/core/ref.h>

#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

namespace heddle::asyncio {

template <class T, class Send = void>
class AsyncGenerator;

namespace detail {

// The untyped part of a generator, in its promise. Counted by the AsyncGenerator object and by each
// step under way.
class GeneratorCore : public PromiseBase, public Counted, public ListLink {
 public:
  enum class Step : unsigned char { next, send, raise, close };
  // Running is also who waits for something else than its consumer.
  enum class Place : unsigned char { created, at_yield, running, finished };

  explicit GeneratorCore(std::source_location begin) noexcept : PromiseBase(begin) {}

  std::suspend_always initial_suspend() noexcept { return {}; }
  void unhandled_exception() noexcept { error_ = std::current_exception(); }
  void destroy() noexcept { handle().destroy(); }

  bool finished() const noexcept { return place_ == Place::finished; }
  bool at_yield() const noexcept { return place_ == Place::at_yield; }
  bool running() const noexcept { return place_ == Place::running; }
  bool started() const noexcept { return place_ != Place::created; }

  // Prepares a step; throws RuntimeError when one is under way. False when the step has its outcome
  // without running. begin() is for those that throw nothing into the body.
  bool begin(Step step) {
    if (place_ != Place::at_yield) [[unlikely]]
      return begin_otherwise(step);
    place_ = Place::running;
    return true;
  }
  bool begin_otherwise(Step step);
  bool begin_otherwise(Step step, std::exception_ptr thrown);
  // The generator suspended for good or at a yield: back to the consumer.
  void leave(Place place) noexcept {
    place_ = place;
    // The link stays until the next step sets another: in between nobody follows it.
    if (link->awaiter_suspended) [[unlikely]] {
      link->awaiter_suspended = false;  // should the same step be awaited again
      heddle::detail::thread_state.next = link->awaiter;
    }
  }
  // What the body meets when it goes on after a yield.
  void meet_thrown() {
    if (raises_) raise();
  }
  // After a step: throws the error that ended the generator, as Python words it.
  void check_error(Step step) {
    if (error_) throw_error(step);
  }
  [[noreturn]] static void throw_ignored_exit();
  static void require_unsent(bool started, bool sends);

 private:
  void raise();
  void throw_error(Step step);

  std::exception_ptr thrown_;  // to be thrown at the yield; null: GeneratorExit
  std::exception_ptr error_;
  Place place_ = Place::created;
  bool raises_ = false;
};

template <class Send>
struct SentSlot {
  std::optional<Send> sent_;
  std::optional<Send> take_sent() { return std::exchange(sent_, std::nullopt); }
};
template <>
struct SentSlot<void> {
  void take_sent() const noexcept {}
};

template <class T, class Send>
class GeneratorPromise : public GeneratorCore, public SentSlot<Send> {
 public:
  explicit GeneratorPromise(std::source_location begin = std::source_location::current()) noexcept
      : GeneratorCore(begin) {}

  struct YieldAwaiter {
    GeneratorPromise& promise;
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<>) const noexcept { promise.leave(Place::at_yield); }
    auto await_resume() const {
      promise.meet_thrown();
      return promise.take_sent();
    }
  };
  struct EndAwaiter {
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<GeneratorPromise> ended) const noexcept {
      ended.promise().ListLink::unlink();
      ended.promise().leave(Place::finished);
    }
    void await_resume() const noexcept {}
  };

  AsyncGenerator<T, Send> get_return_object() noexcept {
    return AsyncGenerator<T, Send>(Ref<GeneratorPromise>(this));
  }
  EndAwaiter final_suspend() noexcept { return {}; }
  void return_void() const noexcept {}
  template <class U = T>
    requires std::is_constructible_v<T, U&&>
  YieldAwaiter yield_value(U&& value) {
    value_.emplace(std::forward<U>(value));
    return {*this};
  }
  void destroy() noexcept {
    std::coroutine_handle<GeneratorPromise>::from_promise(*this).destroy();
  }
  // What it yielded. REQUIRES: at_yield(), by the step that ends now
  std::optional<T> take_value() {
    std::optional<T> value(*std::move(value_));
    // What is trivial may lie there until the next one.
    if constexpr (!std::is_trivially_destructible_v<T>) value_.reset();
    return value;
  }

 private:
  std::optional<T> value_;
};

// What athrow() throws; the other steps have none.
template <bool raises>
struct ThrownSlot {
  std::exception_ptr thrown_;
};
template <>
struct ThrownSlot<false> {};

// One step of a generator. Result: std::optional<T> for next() (empty at the end), T for those that
// throw StopAsyncIteration at the end, void for aclose().
template <class T, class Send, class Result, GeneratorCore::Step step>
class [[nodiscard("co_await it")]] GeneratorStep
    : private AwaitLink,
      private ThrownSlot<step == GeneratorCore::Step::raise> {
 public:
  using Promise = GeneratorPromise<T, Send>;
  static constexpr bool raises = step == GeneratorCore::Step::raise;

  explicit GeneratorStep(Promise& generator) noexcept : generator_(generator) {
    generator_.retain();
  }
  GeneratorStep(Promise& generator, std::exception_ptr thrown) noexcept
    requires raises
      : ThrownSlot<raises>{std::move(thrown)}, generator_(generator) {
    generator_.retain();
  }
  GeneratorStep(GeneratorStep&& other) noexcept  // before it begins
      : ThrownSlot<raises>(std::move(other)), generator_(other.generator_) {
    generator_.retain();
  }
  ~GeneratorStep() {
    if (generator_.release()) generator_.destroy();
  }

  bool await_ready() {
    if (!begin()) return true;
    generator_.link = this;
    awaiter = heddle::detail::thread_state.current;
    if (!heddle::detail::resume_inline(generator_)) [[unlikely]] {
      heddle::detail::thread_state.next = &generator_;  // once its consumer has suspended
      return false;
    }
    if (generator_.at_yield()) [[likely]]
      return true;
    return !generator_.running();
  }
  template <class P>
  void await_suspend(std::coroutine_handle<P> awaiting) noexcept {
    awaiter = &awaiting.promise();
    awaiter_suspended = true;
  }
  Result await_resume() {
    bool yielded = generator_.at_yield();
    if (!yielded) generator_.check_error(step);
    if constexpr (std::is_void_v<Result>) {
      if (yielded) GeneratorCore::throw_ignored_exit();
    } else if constexpr (std::is_same_v<Result, std::optional<T>>) {
      return yielded ? generator_.take_value() : std::nullopt;
    } else {
      if (!yielded) throw StopAsyncIteration();
      return *generator_.take_value();
    }
  }

 private:
  bool begin() {
    if constexpr (raises) {
      return generator_.begin_otherwise(step, std::move(this->thrown_));
    } else if constexpr (step == GeneratorCore::Step::close) {
      return generator_.begin_otherwise(step);
    } else {
      return generator_.begin(step);
    }
  }

  Promise& generator_;
};

}  // namespace detail

template <class T, class Send>
class [[nodiscard]] AsyncGenerator {
 public:
  using promise_type = detail::GeneratorPromise<T, Send>;
  using value_type = T;
  using Kind = detail::GeneratorCore::Step;
  template <class Result, Kind kind>
  using Step = detail::GeneratorStep<T, Send, Result, kind>;

  AsyncGenerator(AsyncGenerator&&) noexcept = default;
  AsyncGenerator& operator=(AsyncGenerator&&) noexcept = default;

  // The next value; empty at the end. Throws what the body throws, RuntimeError
  // "anext(): asynchronous generator is already running". Cancelled: CancelledError is thrown at
  // the body's await, which ends the generator unless it catches it.
  Step<std::optional<T>, Kind::next> next() {
    return Step<std::optional<T>, Kind::next>(*generator_);
  }

  // The next value. As next(), but throws StopAsyncIteration at the end, as Python's anext().
  Step<T, Kind::next> anext() { return Step<T, Kind::next>(*generator_); }

  // Goes on with `value` as the result of the co_yield it waits at. As anext(); throws TypeError
  // "can't send non-None value to a just-started async generator". An empty optional sends nothing.
  Step<T, Kind::send> asend(
      std::optional<std::conditional_t<std::is_void_v<Send>, std::monostate, Send>> value)
    requires(!std::is_void_v<Send>)
  {
    detail::GeneratorCore::require_unsent(generator_->started(), value.has_value());
    generator_->sent_ = std::move(value);
    return Step<T, Kind::send>(*generator_);
  }

  // Throws `exception` at the co_yield it waits at, and gives the next value. As anext().
  Step<T, Kind::raise> athrow(std::exception_ptr exception) {
    return {*generator_, std::move(exception)};
  }
  template <class E>
    requires(!std::is_same_v<std::remove_cvref_t<E>, std::exception_ptr>)
  Step<T, Kind::raise> athrow(E exception) {
    return athrow(std::make_exception_ptr(std::move(exception)));
  }

  // Ends the generator: throws GeneratorExit at the co_yield it waits at and lets it clean up.
  // Nothing happens when it has not begun or has ended. Throws RuntimeError "async generator
  // ignored GeneratorExit" when it yields again.
  Step<void, Kind::close> aclose() { return Step<void, Kind::close>(*generator_); }

 private:
  friend promise_type;
  explicit AsyncGenerator(Ref<promise_type> generator) noexcept
      : generator_(std::move(generator)) {}

  Ref<promise_type> generator_;
};

}  // namespace heddle::asyncio
