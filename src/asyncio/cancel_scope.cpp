#include <heddle/asyncio/cancel_scope.h>

#include "asyncio/exception_kind.h"
#include "asyncio/loop_core.h"
#include "asyncio/scope_core.h"

namespace heddle::asyncio {

namespace detail {

const std::string& ScopeCore::message = *new std::string("cancelled by a CancelScope");

ScopeCore::~ScopeCore() {
  if (entered()) leave();
}

void ScopeCore::enter(TaskCore& task) {
  task_ = Ref<TaskCore>(&task);
  cancelling_before_ = task.cancelling();
  parent_ = task.scope();
  if (parent_ != nullptr) parent_->children_.push_back(*this);
  task.set_scope(this);
  if (shield_) task.change_shields(1);
}

void ScopeCore::require_innermost() const {
  if (task_.get() == heddle::detail::thread_state.task && task_->scope() == this) return;
  throw RuntimeError(
      "CancelScope is not the innermost one of this task: leave scopes in the order opposite to "
      "entering them, in the task that entered them; do not yield inside of one");
}

void ScopeCore::leave() noexcept {
  ListLink::unlink();
  Ref<TaskCore> task = std::move(task_);
  if (shield_) task->change_shields(-1);
  // Whoever is still in here goes on in the scope around it.
  while (ScopeMember* member = members_.first()) member->task().set_scope(parent_);
  while (ScopeCore* child = children_.first()) {
    child->unlink();
    child->parent_ = parent_;
    if (parent_ != nullptr) parent_->children_.push_back(*child);
    child->update();
  }
  parent_ = nullptr;
}

bool ScopeCore::interrupted_from_outside() const noexcept {
  return !shield_ && parent_ != nullptr && parent_->interrupts();
}

bool ScopeCore::is_inside(const ScopeCore* other) const noexcept {
  const ScopeCore* scope = this;
  while (scope != nullptr && scope != other) scope = scope->parent_;
  return scope != nullptr;
}

bool ScopeCore::interrupts() const noexcept {
  for (const ScopeCore* scope = this; scope != nullptr; scope = scope->parent_) {
    if (scope->cancelled_) return true;
    if (scope->shield_) return false;
  }
  return false;
}

void ScopeCore::cancel() noexcept {
  if (std::exchange(cancelled_, true)) return;
  update();
}

void ScopeCore::set_shield(bool shield) noexcept {
  if (std::exchange(shield_, shield) == shield) return;
  if (!entered()) return;
  task_->change_shields(shield ? 1 : -1);
  update();
}

void ScopeCore::update() noexcept {
  for (ScopeMember* member = members_.first(); member != nullptr; member = members_.next(*member))
    member->task().scope_changed();
  for (ScopeCore* child = children_.first(); child != nullptr; child = children_.next(*child))
    child->update();
}

}  // namespace detail

CancelScope::CancelScope(CancelScopeOptions options)
    : options_(options), core_(std::make_unique<detail::ScopeCore>()) {
  core_->set_shield(options.shield);
}

CancelScope::CancelScope(CancelScope&&) noexcept = default;

CancelScope::~CancelScope() { alarm_.cancel(); }

void CancelScope::cancel() noexcept { core_->cancel(); }

bool CancelScope::cancel_called() const noexcept { return core_->cancelled(); }

bool CancelScope::shield() const noexcept { return core_->shield(); }

void CancelScope::set_shield(bool shield) noexcept { core_->set_shield(shield); }

void CancelScope::set_deadline(std::optional<Nanoseconds> deadline) {
  options_.deadline = deadline;
  if (core_->entered()) set_alarm();
}

void CancelScope::set_alarm() {
  alarm_.cancel();
  alarm_ = Handle();
  if (!options_.deadline || cancel_called()) return;
  EventLoop loop = get_running_loop();
  if (*options_.deadline <= loop.time()) {
    alarm_ = loop.call_soon([this] { cancel(); });
  } else {
    alarm_ = loop.call_at(*options_.deadline, [this] { cancel(); });
  }
}

Coro<CancelScope&> CancelScope::aenter() {
  if (std::exchange(used_, true)) throw RuntimeError("CancelScope has already been entered");
  AnyTask task = current_task();
  if (!task) throw RuntimeError("CancelScope should be used inside a task");
  set_alarm();
  core_->enter(task.task());
  co_return *this;
}

Coro<bool> CancelScope::aexit(std::exception_ptr failure) { co_return exit(failure); }

bool CancelScope::exit(const std::exception_ptr& failure) {
  core_->require_innermost();
  alarm_.cancel();
  alarm_ = Handle();
  TaskCore& task = *core_->task();
  // Somebody else's cancellation goes on: that of a scope around this one, or a request.
  bool others = core_->interrupted_from_outside() || task.cancelling() > core_->cancelling_before();
  core_->leave();
  caught_ = cancel_called() && !others && detail::is_exactly<CancelledError>(failure);
  return caught_;
}

CancelScope move_on_at(Nanoseconds when) { return CancelScope({.deadline = when}); }

CancelScope move_on_after(Delay delay) {
  return move_on_at(saturating_add(get_running_loop().time(), delay.nanoseconds()));
}

}  // namespace heddle::asyncio
