#include <heddle/asyncio/task.h>

#include "asyncio/exception_kind.h"
#include "asyncio/function_name.h"
#include "asyncio/loop_core.h"

namespace heddle::asyncio {

using heddle::detail::Frame;
using heddle::detail::thread_state;

// The life of a task:
//
//     queued       start() put it into the ready queue; nothing of the body has run
//     running      run() is on the stack; innermost_ is null, parked_ is null
//     parked       innermost_ is where it waits, parked_ is the wait: the only state in which
//     cancel() can undo something woken        in the ready queue again; parked_ is null, so a
//     cancel() now is delivered at the resumption done         has its outcome; the frames are
//     gone; the loop has let go of it

TaskCore::TaskCore(LoopCore& loop, Frame& root)
    : FutureCore(loop),
      root_(&root),
      innermost_(&root),
      context_(copy_context()),
      id_(0),
      function_(root.where) {}

TaskCore::~TaskCore() { report_unretrieved(); }

TaskCore::Rare& TaskCore::rare() {
  if (!rare_) rare_ = std::make_unique<Rare>();
  return *rare_;
}

void TaskCore::start() {
  id_ = loop().next_task_id();
  serial_ = loop().adopt(*this);
  loop().push(*this);
}

// One step: runs the innermost coroutine, then, as a trampoline, whatever each one leaves to be run
// next.
void TaskCore::run() {
  Ref<TaskCore> keeps_alive(this);
  Frame* frame = std::exchange(innermost_, nullptr);
  if (!started_) {
    started_ = true;
    if (must_cancel_) return close_unstarted();
  }
  std::coroutine_handle<> root = root_->handle();
  {
    Context::Entered entered(context_);
    TaskCore* outer = std::exchange(thread_state.task, this);
    thread_state.inline_depth = 0;
    do {
      thread_state.next = nullptr;
      frame->handle().resume();
      frame = thread_state.next;
    } while (frame != nullptr);
    thread_state.task = outer;
  }
  if (root.done()) complete(root);
}

void TaskCore::close_unstarted() noexcept {
  must_cancel_ = false;
  heddle::detail::destroy_frame(*std::exchange(root_, nullptr), false);
  std::string message = rare_ ? rare_->cancel_message : std::string();
  end_with_exception(std::make_exception_ptr(CancelledError(message)));
}

void TaskCore::end_with_exception(std::exception_ptr exception) noexcept {
  root_ = nullptr;
  if (detail::is_exactly<CancelledError>(exception)) {
    finish_cancelled(std::move(exception));
    loop().release_task(*this);
    return;
  }
  bool leaves_loop =
      detail::is_exactly<KeyboardInterrupt>(exception) || detail::is_exactly<SystemExit>(exception);
  finish_exception(exception);
  loop().release_task(*this);
  if (leaves_loop) loop().interrupt_with(std::move(exception));
}

void TaskCore::end_with_value() noexcept {
  root_ = nullptr;
  if (must_cancel_) {
    // It was cancelled after its last await: the value is lost, as in Python.
    must_cancel_ = false;
    finish_cancelled(rare_ ? std::make_exception_ptr(CancelledError(rare_->cancel_message))
                           : nullptr);
  } else {
    finish_value();
  }
  loop().release_task(*this);
}

bool TaskCore::cancel(const std::string& message) {
  if (thread_state.loop != &loop() && loop().running())
    return loop().cancel_from_outside(*this, message);
  if (done()) return false;
  ++cancel_requests_;
  if (!message.empty() || rare_) rare().cancel_message = message;
  if (parked_ != nullptr) {
    if (!parked_->pass_cancel(message)) parked_->undo();
  } else {
    must_cancel_ = true;  // it has not begun, runs, or is in the ready queue: thrown when it next
                          // waits or goes on
  }
  return true;
}

std::uint32_t TaskCore::uncancel() noexcept {
  if (cancel_requests_ > 0 && --cancel_requests_ == 0) must_cancel_ = false;
  return cancel_requests_;
}

std::string TaskCore::name() const {
  if (rare_ && !rare_->name.empty()) return rare_->name;
  return "Task-" + std::to_string(id_);
}

void TaskCore::set_name(std::string name) { rare().name = std::move(name); }

std::string TaskCore::function() const { return detail::function_name(function_); }

std::vector<std::string> TaskCore::await_chain() const {
  std::vector<std::string> chain;
  const Frame* frame = innermost_;
  while (frame != nullptr) {
    std::string file = frame->where.file_name();
    file.erase(0, file.rfind('/') + 1);
    chain.push_back(detail::function_name(frame->where) + " (" + file + ":" +
                    std::to_string(frame->where.line()) + ")");
    frame = frame->link == nullptr ? nullptr : frame->link->awaiter;
  }
  return chain;
}

std::string TaskCore::describe() const {
  const char* state = !done()       ? (cancel_requests_ > 0 ? "cancelling" : "pending")
                      : cancelled() ? "cancelled"
                                    : "finished";
  std::string text = std::string("<Task ") + state + " name='" + name() + "' coro=<" + function() +
                     "() defined at " + function_.file_name() + ":" +
                     std::to_string(function_.line()) + ">";
  if (failed()) text += " exception=" + repr(stored_exception());
  return text + ">";
}

void TaskCore::destroy_pending() noexcept {
  loop().report({"Task was destroyed but it is pending!", nullptr, "task:    " + describe(),
                 "await or cancel it before the loop is closed; asyncio::run() does"});
  Frame* innermost = std::exchange(innermost_, nullptr);
  Frame* root = std::exchange(root_, nullptr);
  if (started_) {
    heddle::detail::destroy_chain(innermost, *root);
  } else {
    heddle::detail::destroy_frame(*root, false);
  }
  static_cast<detail::ReadyNode*>(this)->unlink();
  finish_cancelled(nullptr);
}

void TaskOptions::apply(TaskCore& task) const {
  if (!name_.empty()) task.set_name(name_);
  if (context_) task.context() = *context_;
}

AnyTask current_task() {
  detail::running_loop_core();
  TaskCore* task = thread_state.task;
  return task == nullptr ? AnyTask() : AnyTask(Ref<FutureCore>(task));
}

std::vector<AnyTask> all_tasks() {
  std::vector<AnyTask> tasks;
  auto& list = detail::running_loop_core().tasks();
  for (auto* node = list.first(); node != nullptr; node = list.next(*node)) {
    tasks.push_back(AnyTask(Ref<FutureCore>(static_cast<TaskCore*>(node))));
  }
  return tasks;
}

}  // namespace heddle::asyncio
