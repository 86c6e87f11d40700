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
#include <heddle/futures/future_core.h>

#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

namespace heddle::futures {

namespace detail {

template <class T>
using Stored = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

template <class T>
class FutureState : public FutureCore {
 public:
  using FutureCore::FutureCore;

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
  Future() : state_(new detail::FutureState<T>()) {}

  // Keeps the work from running. False when it runs or has run already. True when it is cancelled
  // now or was before.
  bool cancel() const { return state_->cancel(); }
  bool cancelled() const noexcept { return state_->cancelled(); }
  bool running() const noexcept { return state_->state() == FutureCore::State::running; }
  // True when cancelled or finished.
  bool done() const noexcept { return state_->done(); }

  // Asks the work to stop, whether it has begun or not: the std::stop_token that it takes as its
  // first parameter says so from now on. Its outcome is what it returns or throws then. False when
  // it takes none. Not in Python.
  bool request_stop() const noexcept { return state_->request_stop(); }

  // Waits for the value: a copy, or the value itself, once, when T cannot be copied. Throws the
  // work's exception (the same object each time), and futures::CancelledError when it was
  // cancelled. Looks for up to 20 us (HEDDLE_SPIN_US) before it sleeps, where that has paid. A
  // worker that waits for work that is queued in its own pool does that work itself.
  T result() const { return get(time_max); }
  // As above for at most `timeout`, then throws TimeoutError; the work goes on. A worker does no
  // work meanwhile: nobody knows how long that would take.
  T result(Delay timeout) const { return get(timeout.nanoseconds()); }

  // Waits for the end; null after a plain result. Throws as result().
  std::exception_ptr exception() const { return state_->exception(time_max); }
  std::exception_ptr exception(Delay timeout) const {
    return state_->exception(timeout.nanoseconds());
  }

  // Calls callback(Future<T>) once the future is done: in the thread that finishes or cancels it,
  // in the order of the additions, or at once if it is done. An exception of the callback is
  // written to stderr and ignored. A callback that holds this future keeps both until it is done:
  // take the one that it is called with.
  template <class F>
  void add_done_callback(F callback) const {
    class Stored final : public FutureCore::Callback {
     public:
      explicit Stored(F function) : function_(std::move(function)) {}
      void call(FutureCore& future) override {
        function_(Future(SharedRef(static_cast<detail::FutureState<T>*>(&future))));
      }

     private:
      F function_;
    };
    state_->add_callback(std::make_unique<Stored>(std::move(callback)));
  }

  // For executors: the work begins. False when it was cancelled. Throws RuntimeError when it began
  // before.
  bool set_running_or_notify_cancel() const { return state_->set_running_or_notify_cancel(); }
  // For executors. Throws InvalidStateError when there is a result. Differs from Python: what an
  // executor runs gets its outcome from that executor alone; until then this throws as well.
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
  // For executors, as set_result(). Throws TypeError for null.
  void set_exception(std::exception_ptr exception) const {
    state_->finish(std::move(exception), nullptr, nullptr);
  }

  friend bool operator==(const Future& a, const Future& b) noexcept { return a.state_ == b.state_; }

  // For the library.
  explicit Future(SharedRef<detail::FutureState<T>> state) noexcept : state_(std::move(state)) {}
  const SharedRef<detail::FutureState<T>>& state() const noexcept { return state_; }

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

  SharedRef<detail::FutureState<T>> state_;
};

}  // namespace heddle::futures
