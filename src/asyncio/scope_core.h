// ScopeCore: the machine behind CancelScope.
//
// Scopes form a tree: each knows the scope that it was opened in. A task is a member of the
// innermost scope that is open in it; the tasks of a TaskGroup are members of the scope that the
// group was opened in. A scope interrupts its members when it, or a scope around it that no shield
// keeps off, is cancelled.
#pragma once

#include <heddle/asyncio/cancel_scope.h>
#include <heddle/asyncio/task.h>

namespace heddle::asyncio::detail {

class ScopeCore : public ListLink {
 public:
  static const std::string& message;

  ~ScopeCore();

  // Opens the scope in the task, inside of the one that is open there.
  void enter(TaskCore& task);
  // Throws RuntimeError when it is not the innermost scope of the current task.
  void require_innermost() const;
  void leave() noexcept;
  void cancel() noexcept;
  void set_shield(bool shield) noexcept;
  void add(ScopeMember& member) noexcept { members_.push_back(member); }

  bool entered() const noexcept { return task_.get() != nullptr; }
  bool cancelled() const noexcept { return cancelled_; }
  bool shield() const noexcept { return shield_; }
  TaskCore* task() const noexcept { return task_.get(); }
  // A scope around this one interrupts, too.
  bool interrupted_from_outside() const noexcept;
  // True when `other` is this scope or one around it.
  bool is_inside(const ScopeCore* other) const noexcept;
  // What is awaited in this scope is to be interrupted.
  bool interrupts() const noexcept;
  std::uint32_t cancelling_before() const noexcept { return cancelling_before_; }

 private:
  void update() noexcept;

  Ref<TaskCore> task_;  // null before it is entered and after it is left
  ScopeCore* parent_ = nullptr;
  IntrusiveList<ScopeCore> children_;
  IntrusiveList<ScopeMember> members_;
  std::uint32_t cancelling_before_ = 0;
  bool cancelled_ = false;
  bool shield_ = false;
};

// For the time in which the library waits for something that it has to wait for, whatever happens:
// cancelled scopes do not interrupt the current task. Requests by cancel() do.
class ScopesHeld {
 public:
  ScopesHeld() : task_(static_cast<TaskCore*>(current_task().core().get())) {
    task_->hold_scopes(1);
  }
  ScopesHeld(const ScopesHeld&) = delete;
  ScopesHeld& operator=(const ScopesHeld&) = delete;
  ~ScopesHeld() { task_->hold_scopes(-1); }

 private:
  Ref<TaskCore> task_;
};

}  // namespace heddle::asyncio::detail
