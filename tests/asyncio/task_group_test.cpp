#include <heddle/asyncio/task_group.h>

#include "asyncio/work.h"

using asyncio::TaskGroup;

// "message: [ValueError('a'), ...]" of the group that the coroutine throws.
static Coro<std::string> group_of(Coro<void> body) {
  try {
    co_await body;
  } catch (const heddle::ExceptionGroup& group) {
    std::string text = group.message() + ":";
    for (const auto& exception : group.exceptions()) text += " " + heddle::repr(exception);
    co_return text;
  } catch (const CancelledError&) {
    co_return "cancelled";
  }
  co_return "ended";
}

static Coro<void> late_error() {
  try {
    co_await asyncio::sleep(5s);
  } catch (const CancelledError&) {
    throw heddle::KeyError("in cleanup");
  }
}

ASYNC_TEST_CASE("TaskGroup: one failure stops everything, and all errors are kept (rule 24)") {
  std::vector<asyncio::Task<std::string>> kept;
  auto body = [&kept](TaskGroup& group) -> Coro<void> {
    group.create_task(late_error());
    group.create_task(fail(20ms));
    kept.push_back(group.create_task(work()));
    co_return;
  };
  std::string end = co_await group_of(asyncio::with(TaskGroup(), body));
  CHECK(end == "unhandled errors in a TaskGroup: ValueError('boom') KeyError('in cleanup')");
  CHECK(outcome(kept[0]) == "cancelled");
}

ASYNC_TEST_CASE("TaskGroup: takes its own cancellation of the body back (rule 25)") {
  auto body = [](TaskGroup& group) -> Coro<void> {
    group.create_task(fail());
    co_await asyncio::sleep(5s);
  };
  std::string end = co_await group_of(asyncio::with(TaskGroup(), body));
  CHECK(end == "unhandled errors in a TaskGroup: ValueError('boom')");
  CHECK(asyncio::current_task().cancelling() == 0);
  int next = co_await asyncio::sleep(0s, 1);
  CHECK(next == 1);
}

static Coro<void> late_os_error() {
  try {
    co_await asyncio::sleep(5s);
  } catch (const CancelledError&) {
    throw std::system_error(5, std::system_category(), "cleanup");
  }
}

ASYNC_TEST_CASE(
    "TaskGroup: a cancellation from outside goes on up, unless a child failed (rule 26)") {
  for (bool bad : {false, true}) {
    std::vector<asyncio::Task<std::string>> kept;
    auto body = [&kept, bad](TaskGroup& group) -> Coro<void> {
      kept.push_back(group.create_task(work({.cleanup = 50ms})));
      if (bad) group.create_task(late_os_error());
      co_return;
    };
    auto parent = asyncio::create_task(asyncio::with(TaskGroup(), body));
    co_await asyncio::sleep(20ms);
    parent.cancel();
    co_await until_done(parent);
    std::string end =
        co_await group_of([](asyncio::Task<void> task) -> Coro<void> { co_await task; }(parent));
    CHECK(end.starts_with(bad ? "unhandled errors in a TaskGroup: std::system_error('cleanup"
                              : "cancelled"));
    CHECK(kept[0].done());
  }
}

ASYNC_TEST_CASE(
    "TaskGroup: tasks may be added while it waits, not before, after, or once it aborts (rule "
    "27)") {
  auto refused = [](TaskGroup& group) -> std::string {
    try {
      group.create_task(work());
    } catch (const heddle::RuntimeError& error) {
      return error.what();
    }
    return "";
  };
  TaskGroup group;
  CHECK(refused(group) == "TaskGroup <TaskGroup> has not been entered");
  int grandchild = 0;
  auto child = [&]() -> Coro<void> {
    grandchild = co_await group.create_task(asyncio::sleep(20ms, 7));
  };
  auto body = [&]() -> Coro<void> {
    group.create_task(child());
    co_return;
  };
  co_await asyncio::with(group, body);
  CHECK(grandchild == 7);
  CHECK(refused(group) == "TaskGroup <TaskGroup> is finished");
  std::string while_aborting;
  TaskGroup aborting;
  auto late = [&]() -> Coro<void> {
    try {
      co_await asyncio::sleep(5s);
    } catch (const CancelledError&) {
      while_aborting = refused(aborting);
      throw;
    }
  };
  auto bad_body = [&]() -> Coro<void> {
    aborting.create_task(late());
    co_await asyncio::sleep(0s);
    throw heddle::ValueError("abort");
  };
  std::string end = co_await group_of(asyncio::with(aborting, bad_body));
  CHECK(end == "unhandled errors in a TaskGroup: ValueError('abort')");
  CHECK(while_aborting == "TaskGroup <TaskGroup> is shutting down");
  end = co_await ending(asyncio::with(aborting, body));
  CHECK(end == "RuntimeError('TaskGroup <TaskGroup> has already been entered')");
}

ASYNC_TEST_CASE("TaskGroup: an empty one and one of many tasks end") {
  co_await asyncio::with(TaskGroup(), [](TaskGroup&) -> Coro<void> { co_return; });
  int done = 0;
  auto count = [&done](int i) -> Coro<void> {
    co_await asyncio::sleep(i * 1us);
    ++done;
  };
  auto body = [&](TaskGroup& group) -> Coro<void> {
    for (int i = 0; i < 10'000; ++i) group.create_task(count(i));
    co_return;
  };
  co_await asyncio::with(TaskGroup(), body);
  CHECK(done == 10'000);
}

ASYNC_TEST_CASE("TaskGroup: a child cancelled by itself is not an error (rule 24)") {
  auto body = [](TaskGroup& group) -> Coro<void> {
    auto child = group.create_task(work());
    co_await asyncio::sleep(1ms);
    child.cancel();
  };
  std::string end = co_await group_of(asyncio::with(TaskGroup(), body));
  CHECK(end == "ended");
}

// Each done callback starts a task in the group, which is about to end. A member's name is a
// letter.
static Coro<std::string> start_when_done(std::string names) {
  std::string log;
  auto late = [&log](char name) -> Coro<void> {
    co_await asyncio::sleep(0s);
    log = log + "late " + name + ". ";
  };
  asyncio::Event event;
  auto body = [&](TaskGroup& group) -> Coro<void> {
    for (char name : names) {
      auto adds = [&, name](const asyncio::Task<bool>&) {
        try {
          group.create_task(late(name));
          log = log + "started " + name + ". ";
        } catch (const heddle::RuntimeError&) {
          log = log + "refused " + name + ". ";
        }
      };
      group.create_task(event.wait()).add_done_callback(adds);
    }
    asyncio::get_running_loop().call_later(1ms, [&event] { event.set(); });
    co_return;
  };
  co_await asyncio::with(TaskGroup(), body);
  co_return log;
}

ASYNC_TEST_CASE(
    "TaskGroup: a done callback adds a task while another is left, not after the last") {
  std::string log = co_await start_when_done("abc");
  CHECK(log == "started a. started b. started c. late a. late b. late c. ");
  log = co_await start_when_done("a");
  CHECK(log == "refused a. ");
}
