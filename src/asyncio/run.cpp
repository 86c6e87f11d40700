#include <heddle/asyncio/run.h>

#include <heddle/asyncio/wait_for.h>
#include <heddle/futures/thread_pool_executor.h>

#include <thread>

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
    task.get_loop().call_exception_handler(
        {"unhandled exception during asyncio.run() shutdown", task.core()->stored_exception(),
         "task:    " + task.core()->describe(), "catch it in the task, or await the task in main"});
  }
}

// One aclose() of a generator of any type.
class CloseStep : private heddle::detail::AwaitLink {
 public:
  explicit CloseStep(Ref<GeneratorCore> generator) noexcept : generator_(std::move(generator)) {}
  bool await_ready() {
    if (!generator_->begin(GeneratorCore::Step::close, nullptr)) return true;
    generator_->link = this;
    generator_->handle().resume();
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
// loop.
Coro<void> join_executor(std::unique_ptr<futures::ThreadPoolExecutor> executor) {
  EventLoop loop = get_running_loop();
  Future<void> joined;
  loop.core().begin_external();
  std::thread joiner([&loop, &joined, &executor] {
    executor->shutdown();
    loop.call_soon_threadsafe([&joined] { joined.set_result(); });
  });
  co_await wait_until_done(joined);
  joiner.join();
  loop.core().end_external();
}

Coro<void> finish(LoopCore& loop, std::vector<AnyTask> tasks) {
  if (!tasks.empty()) co_await cancel_all(std::move(tasks));
  if (!loop.generators().empty()) co_await close_generators(loop);
  loop.refuse_executor();
  std::unique_ptr<futures::ThreadPoolExecutor> executor = loop.take_executor();
  if (executor) co_await join_executor(std::move(executor));
}

}  // namespace

Runner::Runner(RunnerOptions options) noexcept
    : clock_(options.clock_ != nullptr ? *options.clock_ : monotonic_clock()) {}

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

LoopCore& Runner::loop() {
  if (closed_) throw RuntimeError("Runner is closed: make a new one");
  if (!loop_) {
    loop_ = std::make_shared<LoopCore>(clock_);
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
  std::vector<AnyTask> tasks;
  for (auto* node = loop.tasks().first(); node != nullptr; node = loop.tasks().next(*node)) {
    tasks.push_back(AnyTask(Ref<FutureCore>(static_cast<TaskCore*>(node))));
  }
  if (!tasks.empty() || !loop.generators().empty() || loop.has_executor()) {
    try {
      Ref<FutureCore> closing =
          detail::start_task<void>(loop, finish(loop, std::move(tasks)).take());
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
