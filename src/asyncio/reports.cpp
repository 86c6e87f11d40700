// What a loop is told of errors that nobody waits for, and what becomes of that.
#include <cstdio>

#include "asyncio/loop_core.h"

namespace heddle::asyncio {

using heddle::detail::thread_state;

ExceptionContext ExceptionContext::about(std::string message, std::exception_ptr exception,
                                         const FutureCore& future, std::string advice) {
  ExceptionContext context(std::move(message), std::move(exception),
                           (future.is_task() ? "task:    " : "future:  ") + future.describe(),
                           std::move(advice));
  context.future = &future;
  if (!future.is_task()) return context;
  context.task = static_cast<const TaskCore*>(&future);
  std::string creator = context.task->creator();
  if (!creator.empty()) context.subject += "\n  created: in " + creator;
  return context;
}

ExceptionContext ExceptionContext::about(std::string message, std::exception_ptr exception,
                                         const detail::HandleCore& handle, std::string advice) {
  ExceptionContext context(std::move(message), std::move(exception),
                           "handle:  " + handle.describe(), std::move(advice));
  context.handle = &handle;
  return context;
}

void LoopCore::report(const ExceptionContext& context) noexcept {
  if (std::shared_ptr<EventLoop::ExceptionHandler> handler = handler_) {  // it may replace itself
    try {
      EventLoop loop(shared_from_this());
      // In the context of the task that it is about, unless that is the present one.
      Context present = copy_context();
      auto* task = const_cast<TaskCore*>(context.task);
      bool elsewhere = task != nullptr && task != thread_state.task;
      Context::Entered entered(elsewhere ? task->context() : present);
      handler->call(loop, context);
      return;
    } catch (...) {
      EventLoop::default_exception_handler({"Unhandled error in exception handler",
                                            std::current_exception(),
                                            {},
                                            "the report that follows was for it"});
    }
  }
  EventLoop::default_exception_handler(context);
}

void EventLoop::default_exception_handler(const ExceptionContext& context) noexcept {
  try {
    std::string text = context.message + "\n";
    if (!context.subject.empty()) text += "  " + context.subject + "\n";
    if (context.exception) text += "  raised:  " + describe(context.exception) + "\n";
    if (!context.advice.empty()) text += "  advice:  " + context.advice + "\n";
    std::fputs(text.c_str(), stderr);
  } catch (...) {
    std::fputs("an error could not be reported: out of memory\n", stderr);
  }
}

}  // namespace heddle::asyncio
