#include <heddle/asyncio/task.h>

#include <algorithm>

#include "asyncio/exception_kind.h"
#include "asyncio/function_name.h"
#include "asyncio/loop_core.h"
#include "asyncio/scope_core.h"

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

// The usual case calls nothing and therefore keeps no registers.
TaskCore::TaskCore(LoopCore& loop, Frame& root, Start start) noexcept
    : FutureCore(loop, 1), root_(&root), innermost_(&root), function_(root.where) {
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
  if (!done()) [[unlikely]]
    drop_waiters();
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
    heddle::detail::drop_unstarted(*std::exchange(root_, nullptr));
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
    return detail::ParkingAccess::wake(*parked_);
  }
  if (!has(begun_flag)) {
    flags_ |= begun_flag;
    if (has(must_cancel_flag)) return close_unstarted();
  }
  if (has(undone_flag)) {
    put(undone_flag, false);
    if (may_be_destroyed()) return end_by_destroying();
  }
  thread_state.interrupted = has(interrupt_flag);
  run_step();
  thread_state.interrupted = false;
}

// One step: runs the innermost coroutine.
inline void TaskCore::run_step() {
  heddle::detail::ThreadState& state = thread_state;
  Frame* frame = std::exchange(innermost_, nullptr);
  state.current = frame;
  std::atomic_signal_fence(std::memory_order_release);  // a snapshot of a running task begins there
  state.task = this;
  state.context = &context_;
  std::coroutine_handle<> coroutine = frame->handle();
  coroutine.resume();
  if (state.next != nullptr) return state.task->go_on(coroutine);
  if (coroutine.done()) return state.task->ended(coroutine);
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
      heddle::detail::AwaitLink* link = Frame::of(resumed).link;
      if (link == nullptr) return end(resumed);
      next = link->awaiter;
    }
    state.current = next;
    resumed = next->handle();
    resumed.resume();
  }
}

[[gnu::noinline]] void TaskCore::ended(std::coroutine_handle<> resumed) {
  if (Frame::of(resumed).link != nullptr) return go_on(resumed);
  end(resumed);
}

// The loop's reference keeps the task until release_task().
inline void TaskCore::end(std::coroutine_handle<> root) noexcept {
  leave_step();
  take_outcome(root);
  root.destroy();
  root_ = nullptr;
  if (exception_ != nullptr) [[unlikely]]
    return end_with_exception();
  if ((has(must_cancel_flag) || cancel_requests_ != 0) && answer_requests()) [[unlikely]]
    return;
  finish(State::value);
  loop().release_task(*this);
}

detail::SeesCancellation::SeesCancellation() noexcept : task_(thread_state.task) {
  if (task_ != nullptr) task_->change_sees(1);
}

detail::SeesCancellation::~SeesCancellation() {
  if (task_ != nullptr) task_->change_sees(-1);
}

// True when no coroutine in it has to see the cancellation.
bool TaskCore::may_be_destroyed() const noexcept {
  if (sees_ != 0) return false;
  for (const Frame* frame = innermost_; frame->link != nullptr; frame = frame->link->awaiter) {
    // A generator: its frame is not its awaiter's, and may be wanted later.
    if (frame->link->child == nullptr) return false;
  }
  return true;
}

void TaskCore::end_by_destroying() noexcept {
  consume_request();
  Frame* innermost = std::exchange(innermost_, nullptr);
  thread_state.task = this;  // destructors may ask
  {
    Context::Entered entered(context_);
    heddle::detail::destroy_chain(innermost, *std::exchange(root_, nullptr));
  }
  thread_state.task = nullptr;
  finish_as_cancelled();
}

void TaskCore::close_unstarted() noexcept {
  innermost_ = nullptr;
  set_must_cancel(false);
  heddle::detail::drop_unstarted(*std::exchange(root_, nullptr));
  finish_as_cancelled();
}

// Without memory for the error it ends as plainly cancelled.
void TaskCore::finish_as_cancelled() noexcept {
  root_ = nullptr;
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

void TaskCore::fail(std::exception_ptr exception) noexcept { exception_ = std::move(exception); }

void TaskCore::end_with_exception() noexcept {
  std::exception_ptr exception = std::exchange(exception_, nullptr);
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

void TaskCore::report_swallowed_cancellation() noexcept {
  loop().report(ExceptionContext::about(
      "Task swallowed a cancellation", nullptr, *this,
      "it was cancelled and ended as if it had not been: rethrow CancelledError, or uncancel() if "
      "the request was yours"));
}

bool TaskCore::cancel(const std::string& message) { return cancel_below(0, message); }

bool TaskCore::cancel_below(std::uint32_t shields, const std::string& message) {
  if (thread_state.loop != &loop() && loop().running())
    return loop().cancel_from_outside(*this, message);
  if (done()) return false;
  // Down the chain of tasks that await each other, without recursion, since it may be long; it may
  // also be a circle.
  static constinit thread_local std::uint32_t walks = 0;
  std::uint32_t walk = ++walks;
  TaskCore* task = this;
  while (TaskCore* next = task->request(shields, message, walk)) {
    task = next;
    shields = 0;
  }
  return true;
}

// Makes the request of this task. Gives the task that it awaits, which is to be cancelled in its
// place.
TaskCore* TaskCore::request(std::uint32_t shields, const std::string& message, std::uint32_t walk) {
  bool again = std::exchange(cancel_walk_, walk) == walk;
  if (!has(decided_flag) && (!message.empty() || rare_)) rare().cancel_message = message;
  if (!again) ++cancel_requests_;
  if (parked_ != nullptr && shields >= shields_) {
    FutureCore* awaited = again ? nullptr : parked_->passes_to();
    if (awaited != nullptr && awaited->is_task() && !awaited->done())
      return static_cast<TaskCore*>(awaited);
    if (again || !parked_->pass_cancel(message)) {
      parked_->undo();
      put(decided_flag, true);
    }
  } else {
    // It has not begun, runs, is in the ready queue, or is shielded: thrown when it next waits or
    // goes on without a shield.
    cancel_shields_ = std::max(has(must_cancel_flag) ? cancel_shields_ : std::uint16_t{0},
                               static_cast<std::uint16_t>(shields));
    set_must_cancel(true);
  }
  return nullptr;
}

void TaskCore::set_scope(detail::ScopeCore* scope) {
  if (scope == nullptr && !rare_) return;
  rare().scope = scope;
  rare_->scope_place.unlink();
  if (scope != nullptr) scope->add(rare_->scope_place);
  scope_changed();
}

void TaskCore::change_shields(int by) noexcept {
  shields_ = static_cast<std::uint16_t>(shields_ + by);
  refresh_interrupt();
}

void TaskCore::hold_scopes(int by) noexcept {
  if (!rare_) return;  // in no scope
  rare_->scope_holds += static_cast<std::uint32_t>(by);
  scope_changed();
}

void TaskCore::scope_changed() noexcept {
  bool cancelled =
      rare_ && rare_->scope_holds == 0 && rare_->scope != nullptr && rare_->scope->interrupts();
  bool begins = cancelled && !has(scope_cancelled_flag);
  put(scope_cancelled_flag, cancelled);
  refresh_interrupt();
  if (begins && parked_ != nullptr && !parked_->pass_cancel(detail::ScopeCore::message))
    parked_->undo();
}

std::uint32_t TaskCore::uncancel() noexcept {
  if (cancel_requests_ > 0 && --cancel_requests_ == 0) set_must_cancel(false);
  return cancel_requests_;
}

std::string TaskCore::name() const {
  if (rare_ && rare_->name) return *rare_->name;
  return "Task-" + std::to_string(id_);
}

void TaskCore::set_name(std::string name) {
  rare().name = std::make_unique<const std::string>(std::move(name));
}

// In debug mode: where the coroutine that creates the task, and those that await it, were last.
void TaskCore::note_creator() noexcept {
  constexpr std::size_t depth_max = 10;
  if (thread_state.loop != &loop() || thread_state.task == nullptr) return;
  const Frame* frame = thread_state.current;
  try {
    std::vector<std::string> chain = chain_from(frame, depth_max);
    std::string& creator = rare().creator;
    for (const std::string& line : chain) creator += (creator.empty() ? "" : ", in ") + line;
  } catch (...) {
    // Out of memory: the task matters more than where it comes from.
  }
}

std::string TaskCore::function() const { return detail::function_name(function_); }

std::vector<std::string> TaskCore::await_chain() const { return chain_from(innermost_, SIZE_MAX); }

std::vector<std::string> TaskCore::chain_from(const Frame* frame, std::size_t depth_max) {
  std::vector<std::string> chain;
  while (frame != nullptr && chain.size() < depth_max) {
    chain.push_back(detail::place_text(frame->where));
    frame = frame->link == nullptr ? nullptr : frame->link->awaiter;
  }
  return chain;
}

detail::StepLabel TaskCore::label() {
  detail::StepLabel label;
  label.task = Ref<FutureCore>(this);
  if (innermost_ != nullptr) label.resumed = innermost_->where;
  return label;
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
  if (!loop().forked())
    loop().report(ExceptionContext::about(
        "Task was destroyed but it is pending!", nullptr, *this,
        "await or cancel it before the loop is closed; asyncio::run() does"));
  Frame* innermost = std::exchange(innermost_, nullptr);
  Frame* root = std::exchange(root_, nullptr);
  if (has(begun_flag)) {
    heddle::detail::destroy_chain(innermost, *root);
  } else {
    heddle::detail::drop_unstarted(*root);
  }
  // It waited in a generator that outlives it.
  if (parked_ != nullptr) parked_->undo();
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
