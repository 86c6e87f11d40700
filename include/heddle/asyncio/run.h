// run, Runner: a loop for a program.
//
//     int main() { asyncio::run(async_main()); }
//
// Source: https://docs.python.org/3/library/asyncio-runner.html
#pragma once

#include <heddle/asyncio/coroutine.h>
#include <heddle/asyncio/event_loop.h>
#include <heddle/asyncio/task.h>

#include <memory>
#include <utility>

namespace heddle::asyncio {

// Options of Runner and run().
class RunnerOptions {
 public:
  // The loop's clock, which must outlive the runner; the monotonic clock otherwise.
  RunnerOptions& clock(Clock& clock) noexcept {
    clock_ = &clock;
    return *this;
  }
  // Debug mode of the loop; see EventLoop::set_debug(). Unset: as the environment says.
  RunnerOptions& debug(bool debug) noexcept {
    debug_ = debug;
    return *this;
  }
  // Makes the loop, in place of the runner. It is closed by the runner all the same.
  RunnerOptions& loop_factory(EventLoop (*factory)()) noexcept {
    loop_factory_ = factory;
    return *this;
  }

  Clock* clock_ = nullptr;
  std::optional<bool> debug_;
  EventLoop (*loop_factory_)() = nullptr;
};

// One loop and one context for several runs.
class Runner {
 public:
  explicit Runner(RunnerOptions options = {}) noexcept : options_(options) {}
  Runner(const Runner&) = delete;  // a run in progress points at it
  Runner& operator=(const Runner&) = delete;
  // Closes; an error on the way goes to the loop's exception handler.
  ~Runner();

  // Runs the coroutine as the main task and gives its result. Throws what it throws; RuntimeError
  // "Runner.run() cannot be called from a running event loop", "Event loop stopped before Future
  // completed.", "Runner is closed". On the main thread, unless the program handles SIGINT itself:
  // the first Ctrl-C cancels the main task, and KeyboardInterrupt is thrown unless that swallows
  // the cancellation; a second throws KeyboardInterrupt at once; when the loop does not come round
  // to a third, the process ends by the signal.
  template <class T>
  T run(Coro<T>&& coroutine) {
    prepare();
    Ref<FutureCore> task = detail::start_task<T>(loop(), coroutine.take());
    run_main(static_cast<TaskCore&>(*task));
    return detail::take_value<T>(*task, true);
  }
  template <class T>
  T run(Coro<T>& coroutine) {
    return run(std::move(coroutine));
  }
  // As above for whatever else can be awaited: sleep(), Event::wait(), a class of the program's
  // own.
  template <class A>
    requires(Awaitable<A> && !detail::is_coro<std::remove_cvref_t<A>>)
  auto run(A&& awaitable) {
    return run(detail::await_owned<std::remove_cvref_t<A>>(std::forward<A>(awaitable)));
  }
  // As above, in `context` in place of the runner's own; what the coroutine sets stays in it.
  template <class C>
  auto run(C&& awaitable, Context& context) {
    Swapped swapped(context_, context, *this);
    return run(std::forward<C>(awaitable));
  }

  // The runner's loop, made on first use.
  EventLoop get_loop();

  // Cancels the tasks that are left and waits for them, closes async generators, joins the default
  // executor for at most five minutes, closes the loop. An exception of such a task goes to the
  // loop's exception handler. A task that ignores its cancellation keeps it waiting.
  void close();

 private:
  // Puts another context in place of the runner's for one run.
  class Swapped {
   public:
    Swapped(Context& mine, Context& other, Runner& runner);
    Swapped(const Swapped&) = delete;
    Swapped& operator=(const Swapped&) = delete;
    ~Swapped() { std::swap(mine_, other_); }

   private:
    Context& mine_;
    Context& other_;
  };

  void prepare();
  LoopCore& loop();
  void run_main(TaskCore& task);

  RunnerOptions options_;
  std::shared_ptr<LoopCore> loop_;
  Context context_;
  bool closed_ = false;
};

// Runs the coroutine on a new loop and gives its result; closes the loop as Runner::close() does.
// Throws what the coroutine throws; RuntimeError "asyncio.run() cannot be called from a running
// event loop". Source: https://docs.python.org/3/library/asyncio-runner.html#asyncio.run
template <class C>
auto run(C&& coroutine, RunnerOptions options = {}) {
  if (heddle::detail::thread_state.loop != nullptr) {
    throw RuntimeError(
        "asyncio.run() cannot be called from a running event loop: co_await the coroutine in place "
        "of it");
  }
  Runner runner(options);
  if constexpr (std::is_void_v<decltype(runner.run(std::forward<C>(coroutine)))>) {
    runner.run(std::forward<C>(coroutine));
    runner.close();
  } else {
    auto result = runner.run(std::forward<C>(coroutine));
    runner.close();
    return result;
  }
}

// Implementation

namespace detail {
// As LoopCore::run_until_done().
void run_until_done(const EventLoop& loop, FutureCore& future);
// Throws RuntimeError when this loop runs, or this thread runs another one.
void require_can_run(const EventLoop& loop);
}  // namespace detail

template <class A>
auto EventLoop::run_until_complete(A&& awaitable) {
  detail::require_can_run(*this);
  auto future = detail::in_loop(*this, [&] { return ensure_future(std::forward<A>(awaitable)); });
  detail::run_until_done(*this, *future.core());
  using T = typename decltype(future)::value_type;
  return detail::take_value<T>(*future.core(), future.core()->use_count() == 1);
}

}  // namespace heddle::asyncio
