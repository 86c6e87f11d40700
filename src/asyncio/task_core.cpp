#include <heddle/asyncio/task.h>

#include "asyncio/exception_kind.h"
#include "asyncio/loop_core.h"

namespace heddle::asyncio {

using heddle::detail::Frame;
using heddle::detail::thread_state;

// The life of a task:
//
//     queued       start() put it into the ready queue; nothing of the body has run
//     running      run() is on the stack; there is no parking
//     parked       innermost_ is where it waits, and its parking, or place in the timer heap, how:
//                  the only state in which cancel() can undo something
//     woken        in the ready queue again; there is no parking, so a cancel() now is delivered at
//                  the resumption
//     done         has its outcome; the frames are gone; the loop has let go of it

// A step of 16 more bytes shows where a program has a million tasks.
static_assert(sizeof(TaskCore) == 112);

// The usual case calls nothing and therefore keeps no registers.
TaskCore::TaskCore(LoopCore& loop, Frame& root, Start start) noexcept
    : FutureCore(loop, 1), innermost_(&root) {
  root.become_root();
  const Context* context = thread_state.context;
  if (start == Start::plainly && context != nullptr && context->never_set() &&
      loop.adopts_at_once()) [[likely]] {
    loop.adopt_at_once(*this);
  } else {
    attach_slowly(start);
  }
}

void TaskCore::attach_slowly(Start start) noexcept {
  LoopCore& loop = this->loop();
  loop.attach();
  context_ = copy_context();
  if (start == Start::plainly && loop.task_factory() == nullptr) queue_first_step();
}

TaskCore::~TaskCore() {
  if (rare_ != nullptr) delete_rare();
  if (!succeeded()) [[unlikely]]
    drop_rest();
  loop().detach();
}

TaskCore::Rare& TaskCore::rare() {
  if (rare_ == nullptr) rare_ = new Rare(*this);
  return *rare_;
}

void TaskCore::delete_rare() noexcept { delete rare_; }

void TaskCore::start() {
  auto handle = Ref<FutureCore>::adopt(this);
  start(TaskOptions());
  handle.detach();
}

void TaskCore::start(const TaskOptions& options) {
  bool eagerly = options.starts_eagerly();
  try {
    if (TaskFactory factory = loop().task_factory()) {
      TaskOptions chosen = options;
      factory(chosen);
      eagerly = chosen.starts_eagerly();
    }
    options.apply(*this);
  } catch (...) {
    heddle::detail::drop_unstarted(take_frames());
    throw;
  }
  if (eagerly) return start_eagerly();
  queue_first_step();
}

void TaskCore::queue_first_step() noexcept {
  LoopCore& loop = this->loop();
  if (loop.debug()) note_creator();
  loop.adopt(*this);
  loop.push(*this);
}

void TaskCore::start_eagerly() {
  static constinit thread_local std::uint32_t nested = 0;
  if (nested >= heddle::detail::inline_depth_max || &loop() != thread_state.loop)
    return queue_first_step();
  if (loop().debug()) note_creator();
  loop().adopt(*this);
  heddle::detail::ThreadState outer = thread_state;  // of the task that creates this one
  thread_state.inline_room = heddle::detail::inline_depth_max;
  ++nested;
  run();
  --nested;
  outer.loop = thread_state.loop;  // none any more in a child of fork() that the step made
  thread_state.current = outer.current;
  std::atomic_signal_fence(std::memory_order_release);  // as in run_step()
  thread_state = outer;
}

void TaskCore::run() {
  if (flags_ != begun_flag) [[unlikely]] {
    if ((flags_ & ~plain_flags) != 0) return run_specially();
    flags_ |= begun_flag;
  }
  run_step();
}

// A step with a cancellation to deliver, or the end of a sleep.
void TaskCore::run_specially() {
  if (has(due_flag)) {
    put(due_flag, false);
    set_parking(nullptr);
    return loop().push(*this);
  }
  if (!has(begun_flag)) {
    flags_ |= begun_flag;
    if (has(must_cancel_flag)) return close_unstarted();
  }
  if (has(undone_flag)) {
    put(undone_flag, false);
    if (may_be_destroyed()) return end_by_destroying();
  }
  thread_state.interrupted = has(interrupt_flag | sleep_undone_flag);
  run_step();
  thread_state.interrupted = false;
}

// One step: runs the innermost coroutine.
inline void TaskCore::run_step() {
  heddle::detail::ThreadState& state = thread_state;
  Frame* frame = innermost_;
  state.current = frame;
  std::atomic_signal_fence(std::memory_order_release);  // a snapshot of a running task begins there
  state.task = this;
  state.context = &context_;
  std::coroutine_handle<> coroutine = frame->handle();
  coroutine.resume();
  after_resume(coroutine);
}

// Apart, so that run() keeps but one value while the coroutine runs.
[[gnu::noinline]] void TaskCore::after_resume(std::coroutine_handle<> resumed) {
  heddle::detail::ThreadState& state = thread_state;
  if (state.next != nullptr) return state.task->go_on(resumed);
  if (resumed.done()) return state.task->ended(resumed);
  leave_step();
}

// start_eagerly() and LoopCore::Running put back what was there.
inline void TaskCore::leave_step() noexcept {
  thread_state.task = nullptr;
  thread_state.context = nullptr;
}

// As a trampoline, runs whatever each coroutine leaves to be run next, or the awaiter of one that
// ended: that has suspended, or it would have resumed the other.
[[gnu::noinline]] void TaskCore::go_on(std::coroutine_handle<> resumed) {
  heddle::detail::ThreadState& state = thread_state;
  while (true) {
    Frame* next = std::exchange(state.next, nullptr);
    if (next == nullptr) {
      if (!resumed.done()) return leave_step();
      Frame& ended = Frame::of(resumed);
      if (ended.is_root()) return end(resumed);
      next = ended.link->awaiter;
    }
    state.task->innermost_ = next;  // the former may be gone
    state.current = next;
    resumed = next->handle();
    resumed.resume();
  }
}

[[gnu::noinline]] void TaskCore::ended(std::coroutine_handle<> resumed) {
  if (!Frame::of(resumed).is_root()) return go_on(resumed);
  end(resumed);
}

// The loop's reference keeps the task until release_task().
inline void TaskCore::end(std::coroutine_handle<> root) noexcept {
  forget_frames(Frame::of(root));
  std::atomic_signal_fence(std::memory_order_release);  // a snapshot may look there now
  leave_step();
  if (!take_outcome(root)) [[unlikely]]
    return end_with_exception(root);
  root.destroy();
  if ((has(must_cancel_flag) || cancel_requests_ != 0) && answer_requests()) [[unlikely]]
    return;
  finish(State::value);
  loop().release_task(*this);
}

// True when no coroutine in it has to see the cancellation.
bool TaskCore::may_be_destroyed() const noexcept {
  if (sees_ != 0) return false;
  for (const Frame* frame = innermost_; !frame->is_root(); frame = frame->link->awaiter) {
    // A generator: its frame is not its awaiter's, and may be wanted later.
    if (frame->link->child == nullptr) return false;
  }
  return true;
}

void TaskCore::end_by_destroying() noexcept {
  consume_request();
  Frame& innermost = take_frames();
  // Destructors may ask, and so may a signal handler; its frames are no longer to be walked.
  thread_state.current = nullptr;
  std::atomic_signal_fence(std::memory_order_release);
  thread_state.task = this;
  {
    Context::Entered entered(context_);
    heddle::detail::destroy_chain(innermost);
  }
  thread_state.task = nullptr;
  finish_as_cancelled();
}

void TaskCore::close_unstarted() noexcept {
  set_must_cancel(false);
  heddle::detail::drop_unstarted(take_frames());
  finish_as_cancelled();
}

// Without memory for the error it ends as plainly cancelled.
void TaskCore::finish_as_cancelled() noexcept {
  std::exception_ptr reason;
  if (!cancel_message().empty()) {
    try {
      reason = std::make_exception_ptr(CancelledError(cancel_message()));
    } catch (...) {
      reason = nullptr;
    }
  }
  finish_cancelled(std::move(reason));
  loop().release_task(*this);
}

const std::string& TaskCore::cancel_message() const noexcept {
  static const std::string& none = *new std::string;
  return rare_ ? rare_->cancel_message : none;
}

void TaskCore::end_with_exception(std::coroutine_handle<> root) noexcept {
  std::exception_ptr exception = take_error(root);
  root.destroy();
  if (detail::is_exactly<CancelledError>(exception)) {
    finish_cancelled(std::move(exception));
    loop().release_task(*this);
    return;
  }
  bool leaves_loop =
      detail::is_exactly<KeyboardInterrupt>(exception) || detail::is_exactly<SystemExit>(exception);
  LoopCore& loop = this->loop();
  finish_exception(exception);
  loop.release_task(*this);
  if (leaves_loop) loop.interrupt_with(std::move(exception));
}

// There were requests. True when the task ends by them.
bool TaskCore::answer_requests() noexcept {
  if (has(must_cancel_flag)) {
    // It was cancelled after its last await: the value is lost, as in Python.
    set_must_cancel(false);
    finish_as_cancelled();
    return true;
  }
  if (loop().debug()) report_swallowed_cancellation();
  return false;
}

std::source_location TaskCore::begin() const noexcept {
  if (frames_gone()) return Frame::begin_of(begin_);
  const Frame* frame = innermost_;
  while (!frame->is_root()) frame = frame->link->awaiter;
  return Frame::begin_of(frame->link);
}

// Gives the innermost of the frames, all of which are about to be destroyed.
Frame& TaskCore::take_frames() noexcept {
  Frame& innermost = *innermost_;
  const Frame* root = &innermost;
  while (!root->is_root()) root = root->link->awaiter;
  forget_frames(*root);
  return innermost;
}

std::uint64_t TaskCore::trace_id() const noexcept {
  return has(due_flag) ? 2 : 16 + loop().task_numbers().serial_of(id_);  // 2: a timer fires
}

void TaskCore::destroy_pending() noexcept {
  if (!loop().forked())
    loop().report(ExceptionContext::about(
        "Task was destroyed but it is pending!", nullptr, *this,
        "await or cancel it before the loop is closed; asyncio::run() does"));
  if (has(asleep_flag | due_flag)) undo_sleep();
  Frame& innermost = take_frames();
  if (has(begun_flag)) {
    heddle::detail::destroy_chain(innermost);
  } else {
    heddle::detail::drop_unstarted(innermost);
  }
  // It waited in a generator that outlives it.
  if (Parking* parking = this->parking()) parking->undo();
  static_cast<detail::ReadyNode*>(this)->unlink();
  finish_cancelled(nullptr);
}

void TaskOptions::apply(TaskCore& task) const {
  if (!name_.empty()) task.set_name(name_);
  if (context_) task.context() = *context_;
  if (cancel_by_destroying_) task.cancel_by_destroying();
}

AnyTask current_task() {
  detail::running_loop_core();
  TaskCore* task = thread_state.task;
  return task == nullptr ? AnyTask() : AnyTask(Ref<FutureCore>(task));
}

AnyTask current_task(const EventLoop& loop) {
  loop.core().require_own_thread();
  return thread_state.loop == &loop.core() ? current_task() : AnyTask();
}

std::vector<AnyTask> all_tasks() { return all_tasks(get_running_loop()); }

std::vector<AnyTask> all_tasks(const EventLoop& loop) {
  loop.core().require_own_thread();
  std::vector<AnyTask> tasks;
  auto& list = loop.core().tasks();
  for (auto* node = list.first(); node != nullptr; node = list.next(*node)) {
    tasks.push_back(AnyTask(Ref<FutureCore>(static_cast<TaskCore*>(node))));
  }
  return tasks;
}

}  // namespace heddle::asyncio
