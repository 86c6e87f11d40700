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
  Clock* clock_ = nullptr;
};

// One loop and one context for several runs.
class Runner {
 public:
  explicit Runner(RunnerOptions options = {}) noexcept;
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
  // As above for what is not a coroutine of its own: sleep(), Event::wait().
  template <class A>
    requires(detail::is_wait<std::remove_cvref_t<A>>)
  auto run(A&& wait) {
    return run(detail::await_owned<std::remove_cvref_t<A>>(std::forward<A>(wait)));
  }

  // The runner's loop, made on first use.
  EventLoop get_loop();

  // Cancels the tasks that are left and waits for them, closes async generators, joins the default
  // executor, closes the loop. An exception of such a task goes to the loop's exception handler. A
  // task that ignores its cancellation keeps it waiting.
  void close();

 private:
  void prepare();
  LoopCore& loop();
  void run_main(TaskCore& task);

  Clock& clock_;
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

}  // namespace heddle::asyncio
