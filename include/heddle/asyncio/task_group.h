// TaskGroup: tasks that end together.
//
//     co_await asyncio::with(asyncio::TaskGroup(), [&](asyncio::TaskGroup& group) ->
//     asyncio::Coro<void> {
//       group.create_task(fetch("a"));
//       group.create_task(fetch("b"));
//       co_return;
//     });                                   // waits for both
//
// The first task that fails cancels the others and the body; when all have ended, an ExceptionGroup
// with every exception that is not a cancellation is thrown. A task that was cancelled by itself is
// not an error. One loop only; used once. Source:
// https://docs.python.org/3/library/asyncio-task.html#task-groups
#pragma once

#include <heddle/asyncio/task.h>
#include <heddle/core/exception_group.h>

#include <memory>
#include <utility>

namespace heddle::asyncio {

class TaskGroup {
 public:
  TaskGroup();
  TaskGroup(TaskGroup&&) noexcept;  // before it is entered
  ~TaskGroup();

  // Starts a task of the group; arguments as those of asyncio::create_task(). Tasks of the group
  // may call it too, while the group waits for its end. Throws RuntimeError when the group "has not
  // been entered", "is finished" or "is shutting down"; a coroutine that is refused is closed.
  template <class... Args>
  auto create_task(Args&&... args) {
    refuse_unless_open(args...);
    auto task = asyncio::create_task(std::forward<Args>(args)...);
    add(task.task());
    return task;
  }

  // For with(). Throws RuntimeError when entered twice or outside of a task.
  Coro<TaskGroup&> aenter();
  // Waits for all tasks. Throws ExceptionGroup "unhandled errors in a TaskGroup", CancelledError
  // when cancelled from outside.
  Coro<bool> aexit(std::exception_ptr failure);

 private:
  struct Core;
  struct Member;

  template <class First, class... Rest>
  void refuse_unless_open(First& first, Rest&...) {
    if (is_open()) return;
    if constexpr (detail::is_coro<First>) first.close();
    throw_refusal();
  }
  bool is_open() const noexcept;
  [[noreturn]] void throw_refusal() const;
  void add(TaskCore& task);

  std::unique_ptr<Core> core_;
};

}  // namespace heddle::asyncio
