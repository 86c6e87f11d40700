// Between a loop and threads or processes: to_thread, run_in_executor, wrap_future,
// run_coroutine_threadsafe.
//
//     int n = co_await asyncio::to_thread(count_words, text);
//     int m = co_await loop.run_in_executor(process_pool, count_words, text);
//     int k = co_await pool.submit(count_words, text);              // a futures::Future can be
//     awaited
//
// Cancelling such an await detaches it: work that is running goes on to its end and its result is
// dropped; queued work is cancelled.
#pragma once

#include <heddle/asyncio/future.h>
#include <heddle/asyncio/task.h>
#include <heddle/core/compiler.h>
#include <heddle/futures/executor.h>
#include <heddle/futures/thread_pool_executor.h>

#include <memory>
#include <stop_token>
#include <tuple>
#include <utility>

namespace heddle::asyncio {

namespace detail {

// An asyncio future that follows a concurrent one. The loop keeps it until the concurrent one is
// done or the loop closes.
class BridgeCore : public PlainFuture, public Lingering {
 public:
  // Tells the other thread where to deliver; emptied by the loop when it is gone.
  struct Address {
    BridgeCore* bridge = nullptr;
  };

  BridgeCore(LoopCore& loop, SharedRef<futures::FutureCore> source) noexcept
      : PlainFuture(loop), source_(std::move(source)) {}
  bool cancel(const std::string& message) override;
  void start();
  void let_go() noexcept override;

 protected:
  // Copies the value of the finished source.
  virtual void copy_value(futures::FutureCore& source) = 0;

 private:
  friend class Delivery;
  void deliver();
  void stop_waiting() noexcept;

  SharedRef<futures::FutureCore> source_;
  std::shared_ptr<Address> address_;
  bool waiting_ = false;
};

template <class T>
class Bridge final : public Cell<BridgeCore, T> {
 public:
  using Cell<BridgeCore, T>::Cell;

 private:
  void copy_value(futures::FutureCore& source) override {
    auto& state = static_cast<futures::detail::FutureState<T>&>(source);
    if constexpr (std::is_void_v<T>) {
      static_cast<void>(state);  // nothing to copy
    } else if constexpr (copyable<T>) {
      this->value_.emplace(*state.value);
    } else {
      source.take_once();
      this->value_.emplace(std::move(*state.value));
    }
  }
};

template <class R, class F, class... Args>
auto call_in_context(Context context, F function, Args... args) {
  return [context = std::move(context), function = std::move(function),
          arguments = std::make_tuple(std::move(args)...)]() mutable -> R {
    return context.run(
        [&]() -> R { return std::apply(std::move(function), std::move(arguments)); });
  };
}

}  // namespace detail

// An asyncio Future of the running loop with the outcome of a concurrent one. Cancelling it cancels
// that one if it has not begun. Throws RuntimeError "no running event loop". Source:
// https://docs.python.org/3/library/asyncio-future.html#asyncio.wrap_future
template <class T>
Future<T> wrap_future(const futures::Future<T>& source) {
  auto* bridge = new detail::Bridge<T>(detail::running_loop_core(), source.state());
  Future<T> future{Ref<FutureCore>(bridge)};
  bridge->start();
  return future;
}

template <class T>
struct AwaitAs<futures::Future<T>> {
  static auto awaiter(const futures::Future<T>& future) {
    return AwaitAs<Future<T>>::awaiter(wrap_future(future));
  }
};

namespace detail {
template <class E, class F, class... Args>
auto submit_to(E& executor, F&& function, Args&&... args) {
  return wrap_future(executor.submit(std::forward<F>(function), std::forward<Args>(args)...));
}

}  // namespace detail

// Runs function(args...) on a thread of the loop's default executor, in a copy of the present
// context. Give captures as arguments. Cancelled: CancelledError at once; the thread's work goes on
// to its end. Throws what the function throws. Source:
// https://docs.python.org/3/library/asyncio-task.html#asyncio.to_thread
template <class F, class... Args>
  requires std::is_invocable_v<std::decay_t<F>, std::decay_t<Args>...>
auto to_thread(F&& function, Args&&... args) {
  static_assert(safe_in_await<F> && (safe_in_await<Args> && ...),
                "g++ 12 destroys this argument twice when to_thread() is awaited in place: give it "
                "a name before the call, "
                "or pass what the lambda captures as arguments");
  using R = std::decay_t<std::invoke_result_t<std::decay_t<F>, std::decay_t<Args>...>>;
  futures::Executor& executor = get_running_loop().default_executor();
  return detail::submit_to(
      executor, detail::call_in_context<R, std::decay_t<F>, std::decay_t<Args>...>(
                    copy_context(), std::forward<F>(function), std::forward<Args>(args)...));
}

// What cancelling to_thread() does with a function that runs.
enum class OnCancel : unsigned char {
  abandon,  // CancelledError at once; the function runs on, and its result is dropped
  wait,     // CancelledError once the function has returned; a second cancellation abandons it
};
inline constexpr OnCancel abandon_on_cancel = OnCancel::abandon;
inline constexpr OnCancel wait_on_cancel = OnCancel::wait;

namespace detail {

// Waits for work in a thread that can be asked to stop.
Coro<void> until_stopped(AnyFuture work, std::stop_source stop, OnCancel on_cancel);

template <class R>
Coro<R> stoppable(Future<R> work, std::stop_source stop, OnCancel on_cancel) {
  co_await until_stopped(work, std::move(stop), on_cancel);
  co_return take_value<R>(*work.core(), true);
}

}  // namespace detail

// As to_thread(), for a function whose first parameter is a std::stop_token. Cancelled: stop is
// requested; then, as on_cancel says, waits for the function or not. Waiting is the default here:
// what the function refers to is alive until it has returned.
template <class F, class... Args>
  requires std::is_invocable_v<std::decay_t<F>, std::stop_token, std::decay_t<Args>...>
auto to_thread(OnCancel on_cancel, F&& function, Args&&... args) {
  static_assert(safe_in_await<F> && (safe_in_await<Args> && ...),
                "g++ 12 destroys this argument twice when to_thread() is awaited in place: give it "
                "a name before the call, or pass what the lambda captures as arguments");
  using R =
      std::decay_t<std::invoke_result_t<std::decay_t<F>, std::stop_token, std::decay_t<Args>...>>;
  std::stop_source stop;
  futures::Executor& executor = get_running_loop().default_executor();
  auto call = detail::call_in_context<R, std::decay_t<F>, std::stop_token, std::decay_t<Args>...>(
      copy_context(), std::forward<F>(function), stop.get_token(), std::forward<Args>(args)...);
  return detail::stoppable<R>(detail::submit_to(executor, std::move(call)), std::move(stop),
                              on_cancel);
}
template <class F, class... Args>
  requires(std::is_invocable_v<std::decay_t<F>, std::stop_token, std::decay_t<Args>...> &&
           !std::is_invocable_v<std::decay_t<F>, std::decay_t<Args>...>)
auto to_thread(F&& function, Args&&... args) {
  return to_thread(wait_on_cancel, std::forward<F>(function), std::forward<Args>(args)...);
}

// Starts `coroutine` as a task of `loop`, from any other thread. Cancelling the future cancels the
// task; a closed loop fails it with RuntimeError. Thread-safe. Do not wait for the result on the
// loop's own thread. Source:
// https://docs.python.org/3/library/asyncio-task.html#asyncio.run_coroutine_threadsafe
template <class T>
futures::Future<T> run_coroutine_threadsafe(Coro<T>&& coroutine, EventLoop loop);
template <class T>
futures::Future<T> run_coroutine_threadsafe(Coro<T>& coroutine, EventLoop loop) {
  return run_coroutine_threadsafe(std::move(coroutine), std::move(loop));
}

// Implementation

template <class E, class F, class... Args>
auto EventLoop::run_in_executor(E&& executor, F&& function, Args&&... args) {
  static_assert(safe_in_await<F> && (safe_in_await<Args> && ...),
                "g++ 12 destroys this argument twice when run_in_executor() is awaited in place: "
                "give it a name before the "
                "call, or pass what the lambda captures as arguments");
  if constexpr (std::is_same_v<std::remove_cvref_t<E>, std::nullptr_t>) {
    return detail::submit_to(default_executor(), std::forward<F>(function),
                             std::forward<Args>(args)...);
  } else if constexpr (std::is_pointer_v<std::remove_cvref_t<E>>) {
    return detail::submit_to(*executor, std::forward<F>(function), std::forward<Args>(args)...);
  } else {
    return detail::submit_to(executor, std::forward<F>(function), std::forward<Args>(args)...);
  }
}

namespace detail {

// Passes the outcome of a task on to the future that another thread holds. Fails that when the loop
// closes before the task is done.
template <class T>
class Completion {
 public:
  explicit Completion(futures::Future<T> future) : future_(std::move(future)) {}
  Completion(Completion&& other) noexcept
      : future_(other.future_), passed_on_(std::exchange(other.passed_on_, true)) {}
  ~Completion() {
    if (!passed_on_) {
      future_.state()->finish_unless_done(std::make_exception_ptr(
          RuntimeError("Event loop is closed: the coroutine was not done")));
    }
  }

  void operator()(const Future<T>& done) {
    passed_on_ = true;
    try {
      if (done.cancelled()) {
        future_.state()->cancel();
        return;
      }
      if (!future_.set_running_or_notify_cancel()) return;
      if constexpr (std::is_void_v<T>) {
        done.result();
        future_.set_result();
      } else {
        future_.set_result(done.result());
      }
    } catch (...) {
      future_.state()->finish_unless_done(std::current_exception());
    }
  }

 private:
  futures::Future<T> future_;
  bool passed_on_ = false;
};

// A coroutine on its way to its loop. Fails its future when it never arrives.
template <class T>
class Envelope {
 public:
  Envelope(Coro<T>&& coroutine, futures::Future<T> future)
      : coroutine_(std::move(coroutine)), future_(std::move(future)) {}
  Envelope(Envelope&& other) noexcept
      : coroutine_(std::move(other.coroutine_)),
        future_(other.future_),
        arrived_(std::exchange(other.arrived_, true)) {}
  ~Envelope() {
    if (arrived_) return;
    coroutine_.close();
    future_.state()->finish_unless_done(
        std::make_exception_ptr(RuntimeError("Event loop is closed: the coroutine never began")));
  }

  void operator()() {
    arrived_ = true;
    if (future_.cancelled()) return coroutine_.close();
    Task<T> task = create_task(std::move(coroutine_));
    EventLoop loop = get_running_loop();
    task.add_done_callback(Completion<T>(future_));
    // The callback runs on any thread and the task belongs to this one, so it travels inside a cell
    // that only this thread opens.
    auto cell = std::make_shared<AnyTask>(task);
    future_.add_done_callback([cell, loop](const futures::Future<T>& done) mutable {
      try {
        bool is_cancelled = done.cancelled();
        loop.call_soon_threadsafe([cell = std::move(cell), is_cancelled] {
          if (is_cancelled) cell->cancel();
          *cell = AnyTask();
        });
      } catch (const RuntimeError&) {
        // The loop is closed, and the task with it.
      }
    });
  }

 private:
  Coro<T> coroutine_;
  futures::Future<T> future_;
  bool arrived_ = false;
};

}  // namespace detail

template <class T>
futures::Future<T> run_coroutine_threadsafe(Coro<T>&& coroutine, EventLoop loop) {
  futures::Future<T> future;
  loop.call_soon_threadsafe(detail::Envelope<T>(std::move(coroutine), future));
  return future;
}

}  // namespace heddle::asyncio
