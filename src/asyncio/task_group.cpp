#include <heddle/asyncio/event.h>
#include <heddle/asyncio/task_group.h>

#include <heddle/asyncio/wait.h>

#include "asyncio/exception_kind.h"
#include "asyncio/loop_core.h"
#include "asyncio/scope_core.h"

namespace heddle::asyncio {

// One unfinished task of a group. Owned by the group's list; goes away when the task is done.
struct TaskGroup::Member final : detail::DoneWaiter, detail::ReadyNode, heddle::detail::Pooled {
  explicit Member(Core& group_) : group(group_) {}
  void done(FutureCore& finished) noexcept override;
  FutureCore* waiter() const noexcept override;
  void run() override;

  struct Place : ListLink {
    Member* member = nullptr;
  };
  Core& group;
  Ref<TaskCore> task;
  Place place;  // in the group's list
};

struct TaskGroup::Core {
  ~Core() {
    if (leaving) leaving->close();
    drop_members();
  }
  void abort() noexcept;
  void stop();
  void task_done(TaskCore& task);
  void keep(std::exception_ptr error) noexcept;
  Coro<bool> leave();
  void drop_members() noexcept {
    while (!members.empty()) delete members.front().member;
  }

  bool entered = false;
  bool exiting = false;
  bool aborting = false;
  bool parent_cancel_requested = false;
  bool cancelled = false;              // by cancel()
  std::uint32_t shields = 0;           // that were open in the parent when it was entered
  detail::ScopeCore* scope = nullptr;  // in which it was entered
  AnyTask parent;
  IntrusiveList<Member::Place> members;
  std::unique_ptr<Member> spare;  // for the next task
  std::vector<std::exception_ptr> errors;
  std::exception_ptr base_error;  // KeyboardInterrupt or SystemExit: leaves the group bare
  // leave(), made as the group is entered: leaving must not fail for want of memory, since the
  // members may use what dies after it.
  std::optional<Coro<bool>> leaving;
  std::exception_ptr failure;  // of the body
  Event drained;               // set when the last member is done
};

namespace {

bool is_base_error(const std::exception_ptr& error) {
  return detail::is_exactly<KeyboardInterrupt>(error) || detail::is_exactly<SystemExit>(error);
}

}  // namespace

TaskGroup::TaskGroup() : core_(std::make_unique<Core>()) {}
TaskGroup::TaskGroup(TaskGroup&&) noexcept = default;
TaskGroup::~TaskGroup() = default;

bool TaskGroup::is_open() const noexcept {
  return core_->entered && !core_->aborting && !(core_->exiting && core_->members.empty());
}

void TaskGroup::throw_refusal() const {
  const char* why = !core_->entered                            ? " has not been entered"
                    : core_->exiting && core_->members.empty() ? " is finished"
                                                               : " is shutting down";
  throw RuntimeError(std::string("TaskGroup <TaskGroup>") + why);
}

void TaskGroup::reserve() {
  if (core_->spare) return;
  core_->spare = std::make_unique<Member>(*core_);
  core_->spare->place.member = core_->spare.get();
}

void TaskGroup::add(TaskCore& task) {
  Member* member = core_->spare.release();
  member->task = Ref<TaskCore>(&task);
  core_->members.push_back(member->place);
  task.add_waiter(*member);
  if (core_->scope != nullptr && core_->parent.task().scope() != nullptr) {
    // Compared, not used: it is gone if scopes were left in the wrong order.
    if (core_->parent.task().scope()->is_inside(core_->scope)) task.set_scope(core_->scope);
  }
}

// Nothing is to be done for a task that did not fail while others are there: only the last one is
// waited for.
void TaskGroup::Member::done(FutureCore& finished) noexcept {
  if (finished.failed() || group.members.has_one()) return finished.loop().push(*this);
  delete this;
}

FutureCore* TaskGroup::Member::waiter() const noexcept { return group.parent.core().get(); }

void TaskGroup::Member::run() {
  std::unique_ptr<Member> self(this);
  place.unlink();
  group.task_done(*task);
}

void TaskGroup::Core::abort() noexcept {
  aborting = true;
  for (auto* place = members.first(); place != nullptr; place = members.next(*place)) {
    if (!place->member->task->done()) place->member->task->cancel({});
  }
}

// Without memory for the list it leaves the group bare.
void TaskGroup::Core::keep(std::exception_ptr error) noexcept {
  if (!base_error && is_base_error(error)) base_error = error;
  try {
    errors.push_back(error);
  } catch (const std::bad_alloc&) {
    if (!base_error) base_error = std::move(error);
  }
}

void TaskGroup::Core::task_done(TaskCore& task) {
  if (members.empty()) drained.set();
  if (!task.failed()) return;
  std::exception_ptr error = task.exception();
  keep(error);
  if (parent.done()) {
    get_running_loop().call_exception_handler(
        {"Task of a TaskGroup has errored out but its parent task is already completed",
         error,
         "task:    " + task.describe(),
         {}});
    return;
  }
  if (!aborting && !parent_cancel_requested) {
    stop();
  }
}

// Cancels the members, and the body: it may wait for something that will never come now.
void TaskGroup::Core::stop() {
  if (!aborting) abort();
  if (std::exchange(parent_cancel_requested, true)) return;
  parent.task().cancel_below(shields, {});
}

Coro<TaskGroup&> TaskGroup::aenter() {
  if (core_->entered) throw RuntimeError("TaskGroup <TaskGroup> has already been entered");
  if (!core_->leaving) core_->leaving.emplace(core_->leave());
  core_->parent = current_task();
  if (!core_->parent) throw RuntimeError("TaskGroup <TaskGroup> cannot determine the parent task");
  core_->entered = true;
  core_->shields = core_->parent.task().shields();
  core_->scope = core_->parent.task().scope();
  if (core_->cancelled) core_->stop();
  co_return *this;
}

void TaskGroup::cancel() {
  if (std::exchange(core_->cancelled, true)) return;
  if (core_->parent) core_->stop();
}

Coro<bool> TaskGroup::aexit(std::exception_ptr failure) {
  if (!core_->leaving) {
    throw RuntimeError(std::string("TaskGroup <TaskGroup>") +
                       (core_->entered ? " is finished" : " has not been entered"));
  }
  core_->failure = std::move(failure);
  Coro<bool> leaving = *std::move(core_->leaving);
  core_->leaving.reset();
  return leaving;
}

// Waits for the members, then says how the group ended.
Coro<bool> TaskGroup::Core::leave() {
  detail::SeesCancellation sees;
  exiting = true;
  bool body_cancelled = detail::is_exactly<CancelledError>(failure);
  std::exception_ptr cancellation = body_cancelled ? failure : nullptr;
  if (is_base_error(failure) && !base_error) base_error = failure;
  if (failure && !aborting) abort();
  std::optional<detail::ScopesHeld> held;
  if (aborting) held.emplace();
  while (!members.empty()) {
    drained.clear();
    try {
      co_await drained.wait();
    } catch (const CancelledError&) {
      if (!aborting) {  // the parent is cancelled from outside
        cancellation = std::current_exception();
        abort();
      }
    }
    if (aborting && !held) held.emplace();  // a cancelled scope would interrupt for ever
  }
  held.reset();

  AnyTask task = std::exchange(parent, AnyTask());
  if (base_error) std::rethrow_exception(base_error);
  bool own = parent_cancel_requested && task.uncancel() == 0;
  if (own) cancellation = nullptr;
  if (cancellation && errors.empty()) std::rethrow_exception(cancellation);
  if (failure && !body_cancelled) errors.push_back(failure);
  if (!errors.empty()) {
    if (task.cancelling() > 0) {
      // Somebody else cancelled the parent too. The group's errors win here, and the next await
      // delivers the cancellation.
      task.uncancel();
      task.cancel();
    }
    make_exception_group("unhandled errors in a TaskGroup", std::move(errors))->raise();
  }
  co_return own&& body_cancelled;  // the cancellation of the body was the group's own
}

Coro<void> detail::until_ready(AnyFuture ready, AnyTask task) {
  SeesCancellation sees;
  WaitOptions first;
  first.return_when = FIRST_COMPLETED;
  std::vector<AnyFuture> both{ready, task};
  std::exception_ptr cancelled;
  try {
    co_await watch(both, first);
  } catch (const CancelledError&) {
    cancelled = std::current_exception();
  }
  if (!cancelled) {
    // A task that was cancelled before it began had no chance to say anything.
    if (!ready.done()) throw RuntimeError("child exited without calling task_status.started()");
    co_return;
  }
  ready.cancel();
  if (ready.core()->failed()) ready.core()->mark_retrieved();
  task.cancel();
  ScopesHeld held;
  std::vector<AnyFuture> ending{task};
  while (!task.done()) {
    try {
      co_await watch(ending, WaitOptions());
    } catch (const CancelledError&) {
      // it was cancelled already, and has to end first
    }
  }
  std::rethrow_exception(cancelled);
}

}  // namespace heddle::asyncio
