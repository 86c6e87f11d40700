// futures::Future<T>: the result of work that runs on another thread or in another process.
//
//     futures::Future<int> answer = pool.submit(compute, 6, 7);
//     answer.result();          // waits; in a coroutine: co_await answer
//
// A Future object is a handle; copies refer to the same result. Thread-safe.
// Source: https://docs.python.org/3/library/concurrent.futures.html#future-objects
#pragma once

#include <heddle/core/copyable.h>
#include <heddle/core/delay.h>
#include <heddle/core/error.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

namespace heddle::futures {

// The work was cancelled before it began. Differs from asyncio's, which is not a std::exception.
class CancelledError final : public Error {
 public:
  CancelledError() : Error("") {}
  using Error::Error;
};

// The untyped part of a future. Thread-safe.
//
//     pending -> running -> finished
//     pending -> cancelled -> cancelled_and_notified (an executor met it)
class FutureCore : public std::enable_shared_from_this<FutureCore> {
 public:
  enum class State : std::uint32_t {
    pending,
    running,
    cancelled,
    cancelled_and_notified,
    finished
  };

  // Called once, when the future is done.
  class Callback {
   public:
    virtual ~Callback() = default;
    virtual void call(const std::shared_ptr<FutureCore>& future) = 0;
  };

  FutureCore();
  FutureCore(const FutureCore&) = delete;
  FutureCore& operator=(const FutureCore&) = delete;
  virtual ~FutureCore();

  State state() const noexcept;
  bool done() const noexcept;
  bool cancelled() const noexcept;
  bool cancel();
  bool set_running_or_notify_cancel();
  // Waits until done; false when `limit` nanoseconds passed before.
  bool wait(Nanoseconds limit);
  // Waits, then throws what result() throws.
  void check_result(Nanoseconds limit);
  std::exception_ptr exception(Nanoseconds limit);
  void add_callback(std::unique_ptr<Callback> callback);
  // Stores an outcome: `store` puts a value in place. Throws InvalidStateError when there is one.
  void finish(std::exception_ptr exception, void (*store)(FutureCore&, void*), void* argument);
  // As finish() with an exception, but without effect when there is an outcome.
  void finish_unless_done(std::exception_ptr exception) noexcept;
  // Moves the value out for a type that cannot be copied. Throws InvalidStateError the second time.
  void take_once();

 private:
  struct Body;
  void run_callbacks() noexcept;
  std::unique_ptr<Body> body_;
};

namespace detail {

template <class T>
using Stored = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

template <class T>
class FutureState final : public FutureCore {
 public:
  void set_value(Stored<T> result) {
    finish(
        nullptr,
        [](FutureCore& core, void* argument) {
          static_cast<FutureState&>(core).value.emplace(
              std::move(*static_cast<Stored<T>*>(argument)));
        },
        &result);
  }

  std::optional<Stored<T>> value;
};

}  // namespace detail

template <class T>
class Future {
 public:
  using value_type = T;

  // A pending future of one's own, for code that plays the executor.
  Future() : state_(std::make_shared<detail::FutureState<T>>()) {}

  // Keeps the work from running. False when it runs or has run already. True when it is cancelled
  // now or was before.
  bool cancel() { return state_->cancel(); }
  bool cancelled() const noexcept { return state_->cancelled(); }
  bool running() const noexcept { return state_->state() == FutureCore::State::running; }
  // True when cancelled or finished.
  bool done() const noexcept { return state_->done(); }

  // Waits for the value: a copy, or the value itself, once, when T cannot be copied. Throws the
  // work's exception, and futures::CancelledError when it was cancelled.
  T result() const { return get(time_max); }
  // As above for at most `timeout`, then throws TimeoutError; the work goes on.
  T result(Delay timeout) const { return get(timeout.nanoseconds()); }

  // Waits for the end; null after a plain result. Throws as result().
  std::exception_ptr exception() const { return state_->exception(time_max); }
  std::exception_ptr exception(Delay timeout) const {
    return state_->exception(timeout.nanoseconds());
  }

  // Calls callback(Future<T>) once the future is done: in the thread that finishes or cancels it,
  // in the order of the additions, or at once if it is done. An exception of the callback is
  // written to stderr and ignored.
  template <class F>
  void add_done_callback(F callback) const {
    class Stored final : public FutureCore::Callback {
     public:
      explicit Stored(F function) : function_(std::move(function)) {}
      void call(const std::shared_ptr<FutureCore>& future) override {
        function_(Future(std::static_pointer_cast<detail::FutureState<T>>(future)));
      }

     private:
      F function_;
    };
    state_->add_callback(std::make_unique<Stored>(std::move(callback)));
  }

  // For executors: the work begins. False when it was cancelled. Throws RuntimeError when it began
  // before.
  bool set_running_or_notify_cancel() const { return state_->set_running_or_notify_cancel(); }
  // For executors. Throws InvalidStateError when there is a result.
  template <class U = T>
    requires(!std::is_void_v<T>)
  void set_result(U&& value) const {
    state_->set_value(T(std::forward<U>(value)));
  }
  void set_result() const
    requires std::is_void_v<T>
  {
    state_->set_value({});
  }
  void set_exception(std::exception_ptr exception) const {
    state_->finish(std::move(exception), nullptr, nullptr);
  }

  friend bool operator==(const Future& a, const Future& b) noexcept { return a.state_ == b.state_; }

  // For the library.
  explicit Future(std::shared_ptr<detail::FutureState<T>> state) noexcept
      : state_(std::move(state)) {}
  const std::shared_ptr<detail::FutureState<T>>& state() const noexcept { return state_; }

 private:
  T get(Nanoseconds limit) const {
    state_->check_result(limit);
    if constexpr (std::is_void_v<T>) {
      return;
    } else if constexpr (copyable<T>) {
      return *state_->value;
    } else {
      state_->take_once();
      return std::move(*state_->value);
    }
  }

  std::shared_ptr<detail::FutureState<T>> state_;
};

}  // namespace heddle::futures
