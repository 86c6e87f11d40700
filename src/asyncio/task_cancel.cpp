// How a task is cancelled, from outside and by its scopes.
#include <heddle/asyncio/task.h>

#include <algorithm>

#include "asyncio/loop_core.h"
#include "asyncio/scope_core.h"

namespace heddle::asyncio {

using heddle::detail::thread_state;

detail::SeesCancellation::SeesCancellation() noexcept : task_(thread_state.task) {
  if (task_ != nullptr) task_->change_sees(1);
}

detail::SeesCancellation::~SeesCancellation() {
  if (task_ != nullptr) task_->change_sees(-1);
}

bool TaskCore::cancel(const std::string& message) { return cancel_below(0, message); }

bool TaskCore::cancel_below(std::uint32_t shields, const std::string& message) {
  if (thread_state.loop != &loop() && loop().running())
    return loop().cancel_from_outside(*this, message);
  if (done()) return false;
  if (passes_to(shields) != nullptr) return cancel_chain(shields, message);
  note_message(message);
  ++cancel_requests_;
  request(shields, message);
  return true;
}

// Down the chain of tasks that await each other, without recursion, since it may be long. It may
// also be a circle: then the task at which it closes is taken out of its wait.
[[gnu::cold]] bool TaskCore::cancel_chain(std::uint32_t shields, const std::string& message) {
  std::size_t count = 0;
  TaskCore* last = this;
  for (TaskCore* next = this; next != nullptr; next = last->passes_to(last == this ? shields : 0)) {
    last = next;
    if (last->has(walked_flag)) break;
    last->put(walked_flag, true);
    ++count;
  }
  TaskCore* task = this;
  for (std::size_t i = 0; i < count; ++i) {
    task->put(walked_flag, false);
    task = task->passes_to(i == 0 ? shields : 0);
  }
  bool circle = task != nullptr;
  // All messages first: there may be no memory for one.
  task = this;
  for (std::size_t i = 0; i < count; ++i) {
    task->note_message(message);
    task = task->passes_to(i == 0 ? shields : 0);
  }
  task = this;
  for (std::size_t i = 0; i < count; ++i) {
    ++task->cancel_requests_;
    task = task->passes_to(i == 0 ? shields : 0);
  }
  if (!circle) {
    last->request(0, message);
  } else if (last->waits()) {
    last->undo_wait();
    last->put(decided_flag, true);
  }
  return true;
}

// The task that this one awaits, which is to be cancelled in its place; null when there is none.
[[gnu::noinline]] TaskCore* TaskCore::passes_to(std::uint32_t shields) const noexcept {
  Parking* parking = this->parking();
  if (parking == nullptr || shields < this->shields()) return nullptr;
  FutureCore* awaited = parking->passes_to();
  return awaited != nullptr && awaited->is_task() && !awaited->done()
             ? static_cast<TaskCore*>(awaited)
             : nullptr;
}

[[gnu::noinline]] // Of a request that is about to be counted.
void TaskCore::note_message(const std::string& message) {
  if (!has(decided_flag) && (!message.empty() || rare_)) rare().cancel_message = message;
}

// A request comes to this task and no further.
void TaskCore::request(std::uint32_t shields, const std::string& message) {
  if (waits() && shields >= this->shields()) {
    if (pass_cancel(message)) return;
    undo_wait();
    return put(decided_flag, true);
  }
  // It has not begun, runs, is in the ready queue, or is shielded: thrown when it next waits or
  // goes on without a shield.
  if (rare_ != nullptr) {
    rare_->cancel_shields = std::max(has(must_cancel_flag) ? rare_->cancel_shields : 0, shields);
  }
  set_must_cancel(true);
}

bool TaskCore::pass_cancel(const std::string& message) {
  Parking* parking = this->parking();
  return parking != nullptr && parking->pass_cancel(message);
}

void TaskCore::undo_wait() noexcept {
  if (Parking* parking = this->parking()) return parking->undo();
  undo_sleep();
}

void TaskCore::undo_sleep() noexcept {
  if (has(asleep_flag)) {
    loop().disarm(*this);
  } else {
    static_cast<detail::ReadyNode*>(this)->unlink();
  }
  set_parking(nullptr);
  flags_ = static_cast<std::uint16_t>((flags_ & ~(asleep_flag | due_flag)) | sleep_undone_flag |
                                      (has(by_destroying_flag) ? undone_flag : 0));
  loop().push(*this);
}

// The cancellation came before the sleep.
void TaskCore::interrupt_sleep() noexcept {
  undo_sleep();
  put(decided_flag, has(must_cancel_flag));
  consume_request();
}

void TaskCore::confirm_sleep() {
  if (!has(sleep_undone_flag | interrupt_flag)) return;
  put(sleep_undone_flag | decided_flag, false);
  // Requests that came since then are one with this: as in Python, one CancelledError answers them.
  consume_request();
  throw CancelledError(cancel_message());
}

void TaskCore::set_scope(detail::ScopeCore* scope) {
  if (scope == nullptr && !rare_) return;
  rare().scope = scope;
  rare_->scope_place.unlink();
  if (scope != nullptr) scope->add(rare_->scope_place);
  scope_changed();
}

void TaskCore::change_shields(int by) noexcept {
  if (!rare_) return;  // entering the scope failed
  rare_->shields += static_cast<std::uint32_t>(by);
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
  if (begins && waits() && !pass_cancel(detail::ScopeCore::message)) undo_wait();
}

std::uint32_t TaskCore::uncancel() noexcept {
  if (cancel_requests_ > 0 && --cancel_requests_ == 0) set_must_cancel(false);
  return cancel_requests_;
}

}  // namespace heddle::asyncio
