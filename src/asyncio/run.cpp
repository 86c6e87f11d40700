#include <heddle/asyncio/run.h>

#include <heddle/asyncio/wait_for.h>
#include <heddle/futures/thread_pool_executor.h>
#include <heddle/threading/thread.h>

#include <chrono>
#include <optional>

#include "asyncio/interrupt.h"
#include "asyncio/loop_core.h"

namespace heddle::asyncio {

namespace {

using detail::GeneratorCore;

// Waits for a future, without an interest in its outcome.
Coro<void> wait_until_done(AnyFuture future) {
  Future<void> over;
  Future<void>(future.core()).add_done_callback([over](const Future<void>&) mutable {
    if (!over.done()) over.set_result();
  });
  co_await over;
}

Coro<void> cancel_all(std::vector<AnyTask> tasks) {
  for (AnyTask& task : tasks) task.cancel();
  for (AnyTask& task : tasks) {
    co_await wait_until_done(task);
    if (task.cancelled() || !task.core()->failed()) continue;
    task.core()->mark_retrieved();
    task.get_loop().call_exception_handler(ExceptionContext::about(
        "unhandled exception during asyncio.run() shutdown", task.core()->stored_exception(),
        *task.core(), "catch it in the task, or await the task in main"));
  }
}

// One aclose() of a generator of any type.
class CloseStep : private heddle::detail::AwaitLink {
 public:
  explicit CloseStep(Ref<GeneratorCore> generator) noexcept : generator_(std::move(generator)) {}
  bool await_ready() {
    if (!generator_->begin_otherwise(GeneratorCore::Step::close, nullptr)) return true;
    generator_->link = this;
    // The task that closes generators is never deep in calls.
    static_cast<void>(heddle::detail::resume_inline(*generator_));
    return !generator_->running();
  }
  template <class P>
  void await_suspend(std::coroutine_handle<P> awaiting) noexcept {
    awaiter = &awaiting.promise();
    awaiter_suspended = true;
  }
  void await_resume() {
    if (!generator_->finished()) GeneratorCore::throw_ignored_exit();
    generator_->check_error(GeneratorCore::Step::close);
  }

 private:
  Ref<GeneratorCore> generator_;
};

Coro<void> close_generators(LoopCore& loop) {
  std::vector<Ref<GeneratorCore>> generators;
  auto& list = loop.generators();
  for (GeneratorCore* generator = list.first(); generator != nullptr;
       generator = list.next(*generator)) {
    if (!generator->running()) generators.push_back(Ref<GeneratorCore>(generator));
  }
  for (Ref<GeneratorCore>& generator : generators) {
    try {
      co_await CloseStep(generator);
    } catch (...) {
      loop.report({"an error occurred during closing of asynchronous generator",
                   std::current_exception(),
                   {},
                   "close generators where they are used: with(aclosing(generator), body)"});
    }
  }
}

// Joins the executor on a thread of its own, so that its last jobs may still call back into the
// loop. The thread owns what it needs: it may be left behind.
class Joining {
 public:
  Joining(std::shared_ptr<futures::Executor> executor, EventLoop loop)
      : loop_(std::move(loop)), joined_(std::make_shared<Future<void>>()) {
    loop_.core().begin_external();
    threading::Thread thread(
        threading::ThreadOptions().daemon(false),
        [executor = std::move(executor), loop = loop_, joined = joined_]() mutable {
          executor->shutdown();
          executor.reset();
          try {
            loop.call_soon_threadsafe([joined = std::move(joined)] {
              if (*joined && !joined->done()) joined->set_result();
            });
          } catch (const RuntimeError&) {
            // The loop did not wait for it.
          }
        });
    thread.start();
    thread_ = std::move(thread);
  }
  Joining(const Joining&) = delete;
  Joining& operator=(const Joining&) = delete;
  ~Joining() {
    loop_.core().end_external();
    bool over = joined_->done() && !joined_->cancelled();  // cancelled: its time was up
    *joined_ = Future<void>(Ref<FutureCore>());            // it belongs to this thread
    if (over) thread_->join();
  }
  Future<void>& joined() noexcept { return *joined_; }

 private:
  EventLoop loop_;
  std::shared_ptr<Future<void>> joined_;
  std::optional<threading::Thread> thread_;
};

Coro<void> join_executor(std::shared_ptr<futures::Executor> executor,
                         std::optional<Delay> timeout) {
  EventLoop loop = get_running_loop();
  Joining joining(executor, loop);
  executor.reset();
  if (!timeout) {
    co_await wait_until_done(joining.joined());
    co_return;
  }
  bool late = false;
  Future<void> joined = joining.joined();
  TimerHandle alarm = loop.call_later(*timeout, [&late, joined]() mutable {
    late = true;
    if (!joined.done()) joined.cancel();
  });
  co_await wait_until_done(joined);
  alarm.cancel();
  if (!late) co_return;
  loop.call_exception_handler({"The executor did not finish joining its threads within " +
                                   std::to_string(timeout->nanoseconds() / 1'000'000'000) +
                                   " seconds.",
                               nullptr,
                               {},
                               "its jobs run on; give long ones a stop token"});
}

constexpr std::chrono::seconds executor_join_max{300};

Coro<void> finish(EventLoop loop, std::vector<AnyTask> tasks) {
  if (!tasks.empty()) co_await cancel_all(std::move(tasks));
  if (!loop.core().generators().empty()) co_await close_generators(loop.core());
  co_await loop.shutdown_default_executor(executor_join_max);
}

}  // namespace

Coro<void> EventLoop::shutdown_asyncgens() { return close_generators(*core_); }

Coro<void> EventLoop::shutdown_default_executor(std::optional<Delay> timeout) {
  EventLoop loop = *this;
  loop.core().refuse_executor();
  std::shared_ptr<futures::Executor> executor = loop.core().take_executor();
  if (executor) co_await join_executor(std::move(executor), timeout);
}

void detail::run_until_done(const EventLoop& loop, FutureCore& future) {
  loop.core().run_until_done(future);
}

Runner::~Runner() {
  try {
    close();
  } catch (...) {
    if (loop_) {
      loop_->report({"Exception while a Runner was closed",
                     std::current_exception(),
                     {},
                     "close() it to receive this"});
    }
  }
}

Runner::Swapped::Swapped(Context& mine, Context& other, Runner& runner)
    : mine_(mine), other_(other) {
  runner.loop();  // which gives the runner its context
  std::swap(mine_, other_);
}

LoopCore& Runner::loop() {
  if (closed_) throw RuntimeError("Runner is closed: make a new one");
  if (!loop_) {
    if (options_.loop_factory_ != nullptr) {
      loop_ = options_.loop_factory_().core().shared_from_this();
    } else {
      loop_ = std::make_shared<LoopCore>(options_.clock_ != nullptr ? *options_.clock_
                                                                    : monotonic_clock());
    }
    if (options_.debug_) loop_->set_debug(*options_.debug_);
    context_ = copy_context();
  }
  return *loop_;
}

EventLoop Runner::get_loop() {
  loop();
  return EventLoop(loop_);
}

void Runner::prepare() {
  if (heddle::detail::thread_state.loop != nullptr) {
    throw RuntimeError(
        "Runner.run() cannot be called from a running event loop: co_await the coroutine in place "
        "of it");
  }
  loop();
}

void Runner::run_main(TaskCore& task) {
  task.context() = context_;
  try {
    detail::InterruptGuard guard(*loop_, task);
    loop_->run_until_done(task);
    context_ = task.context();
    if (task.cancelled() && guard.was_interrupted() && task.uncancel() == 0)
      throw KeyboardInterrupt();
  } catch (...) {
    context_ = task.context();
    // Whatever leaves here is this task's end for the caller; nobody is left to ask it.
    task.mark_retrieved();
    throw;
  }
}

void Runner::close() {
  if (std::exchange(closed_, true) || !loop_) return;
  LoopCore& loop = *loop_;
  if (loop.forked()) return loop.close();  // its tasks go on in the parent
  std::vector<AnyTask> tasks;
  for (auto* node = loop.tasks().first(); node != nullptr; node = loop.tasks().next(*node)) {
    tasks.push_back(AnyTask(Ref<FutureCore>(static_cast<TaskCore*>(node))));
  }
  if (!tasks.empty() || !loop.generators().empty() || loop.has_executor()) {
    try {
      Ref<FutureCore> closing =
          detail::start_task<void>(loop, finish(EventLoop(loop_), std::move(tasks)).take());
      loop.run_until_done(*closing);
      detail::take_value<void>(*closing, true);
    } catch (...) {
      tasks.clear();
      loop.close();  // a second Ctrl-C: what is left is taken apart without waiting for it
      throw;
    }
  }
  loop.close();
}

}  // namespace heddle::asyncio
