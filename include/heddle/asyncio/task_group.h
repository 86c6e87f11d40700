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

// Through which a task that TaskGroup::start() began says that it is ready.
template <class T = void>
class TaskStatus {
 public:
  explicit TaskStatus(Future<T> ready) noexcept : ready_(std::move(ready)) {}

  // The task is ready: start() goes on with `value`. Throws RuntimeError when called twice.
  template <class U = T>
    requires(!std::is_void_v<T>)
  void started(U&& value) {
    require_first();
    if (!ready_.done()) ready_.set_result(std::forward<U>(value));
  }
  void started()
    requires std::is_void_v<T>
  {
    require_first();
    if (!ready_.done()) ready_.set_result();
  }
  bool was_started() const noexcept { return started_; }

 private:
  void require_first() {
    if (std::exchange(started_, true))
      throw RuntimeError("called 'started' twice on the same task status");
  }

  Future<T> ready_;
  bool started_ = false;
};

namespace detail {

// The coroutine of a task that start() began.
template <class T, class F, class... Args>
Coro<void> run_started(Future<T> ready, F function, Args... args) {
  SeesCancellation sees;
  TaskStatus<T> status(ready);
  auto call = function(status, std::move(args)...);
  std::exception_ptr failure;
  try {
    co_await call;
  } catch (...) {
    failure = std::current_exception();
  }
  if (status.was_started() || ready.done()) {
    if (failure) std::rethrow_exception(failure);
    co_return;
  }
  // start() throws it, and the group does not see it.
  if (!failure) {
    failure =
        std::make_exception_ptr(RuntimeError("child exited without calling task_status.started()"));
  }
  ready.core()->finish_exception(std::move(failure));
}

// Waits for what start() waits for; a cancellation ends the task first.
Coro<void> until_ready(AnyFuture ready, AnyTask task);

}  // namespace detail

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
    reserve();  // so that a task which has begun is always the group's
    auto task = asyncio::create_task(std::forward<Args>(args)...);
    add(task.task());
    return task;
  }

  // Starts function(status, args...) as a task of the group and waits until it calls
  // status.started(value); gives that value (nothing for TaskStatus<void>). What the task throws
  // before that is thrown here, and is no error of the group; RuntimeError when it ends without
  // calling it. T: the type of the value. Throws as create_task().
  // Cancelled: the task is cancelled and awaited, then CancelledError is thrown.
  // Source: https://trio.readthedocs.io/en/stable/reference-core.html#trio.Nursery.start
  template <class T = void, class F, class... Args>
  Coro<T> start(F function, Args... args);

  // Ends the group early and without an exception: its tasks and its body are cancelled, and that
  // is not seen outside. May be called again, before the group is entered, and by its tasks; has no
  // effect on a group that has ended. One that was never entered is cancelled when it is.
  // Source: https://docs.python.org/3.15/library/asyncio-task.html#asyncio.TaskGroup.cancel
  void cancel();

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
  void reserve();
  void add(TaskCore& task);

  std::unique_ptr<Core> core_;
};

// Implementation

template <class T, class F, class... Args>
Coro<T> TaskGroup::start(F function, Args... args) {
  Future<T> ready;
  auto run = detail::run_started<T, F, Args...>(ready, std::move(function), std::move(args)...);
  Task<void> task = create_task(std::move(run));
  co_await detail::until_ready(ready, task);
  co_return detail::take_value<T>(*ready.core(), true);
}

}  // namespace heddle::asyncio
