// Cancels each scenario after 0, 1, 2 … turns of the loop, until it ends by itself: once and twice.
// Promised: the task ends, with its own result or cancelled; permits are all back; nothing is left
// (the census of each run).
#include "asyncio/work.h"

namespace {

// What the scenarios share, to see whether anything was lost.
struct Shared {
  asyncio::Semaphore semaphore{1};
  asyncio::Event event;
  std::vector<asyncio::AnyTask> helpers;
};

using Scenario = Coro<void> (*)(Shared&);

Coro<void> sleeps(Shared&) {
  co_await asyncio::sleep(1ms);
  co_await asyncio::sleep(0s);
}

Coro<void> holds(Shared& shared, heddle::Delay time) {
  auto permit = co_await shared.semaphore.hold();
  co_await asyncio::sleep(time);
}

Coro<void> contends(Shared& shared) {
  shared.helpers.push_back(asyncio::create_task(holds(shared, 2ms)));
  shared.helpers.push_back(asyncio::create_task(holds(shared, 1ms)));
  co_await asyncio::sleep(0s);
  co_await holds(shared, 1ms);
}

Coro<void> gathers(Shared& shared) {
  co_await asyncio::gather(sleeps(shared), holds(shared, 1ms), holds(shared, 2ms));
}

Coro<void> gathers_errors(Shared& shared) {
  co_await asyncio::gather(asyncio::return_exceptions, fail(1ms), holds(shared, 1ms));
}

Coro<void> times_out(Shared& shared) {
  try {
    co_await asyncio::wait_for(holds(shared, 5ms), 2ms);
  } catch (const heddle::TimeoutError&) {
    // goes on below
  }
  co_await asyncio::sleep(0s);
}

Coro<void> nested_timeouts(Shared& shared) {
  auto inner = [&shared]() -> Coro<void> { co_await holds(shared, 3ms); };
  auto outer = [&]() -> Coro<void> {
    try {
      co_await asyncio::with(asyncio::timeout(1ms), inner);
    } catch (const heddle::TimeoutError&) {
      // goes on below
    }
    co_await asyncio::sleep(1ms);
  };
  co_await asyncio::with(asyncio::timeout(10ms), outer);
}

Coro<void> groups(Shared& shared) {
  auto body = [&shared](asyncio::TaskGroup& group) -> Coro<void> {
    group.create_task(holds(shared, 1ms));
    group.create_task(holds(shared, 2ms));
    co_await asyncio::sleep(1ms);
  };
  co_await asyncio::with(asyncio::TaskGroup(), body);
}

Coro<void> failing_group(Shared& shared) {
  auto body = [&shared](asyncio::TaskGroup& group) -> Coro<void> {
    group.create_task(holds(shared, 5ms));
    group.create_task(fail(1ms));
    co_await shared.event.wait();
  };
  try {
    co_await asyncio::with(asyncio::TaskGroup(), body);
  } catch (const heddle::ExceptionGroup&) {
    // goes on below
  }
  co_await asyncio::sleep(0s);
}

Coro<void> shields(Shared& shared) {
  auto work = asyncio::create_task(holds(shared, 2ms));
  shared.helpers.push_back(work);
  co_await asyncio::shield(work);
}

asyncio::AsyncGenerator<int> numbers(Shared& shared) {
  for (int i = 0; i < 3; ++i) {
    co_await holds(shared, 1ms);
    co_yield i;
  }
}

Coro<void> generates(Shared& shared) {
  auto generator = numbers(shared);
  auto body = [&shared](asyncio::AsyncGenerator<int>& g) -> Coro<void> {
    while (auto number = co_await g.next()) co_await holds(shared, 1ms);
  };
  co_await asyncio::with(asyncio::aclosing(generator), body);
}

Coro<void> awaits_task(Shared& shared) {
  auto inner = asyncio::create_task(holds(shared, 1ms));
  auto outer =
      asyncio::create_task([](asyncio::Task<void> task) -> Coro<void> { co_await task; }, inner);
  co_await outer;
}

constexpr Scenario scenarios[] = {sleeps,    contends,        gathers,    gathers_errors,
                                  times_out, nested_timeouts, groups,     failing_group,
                                  shields,   generates,       awaits_task};

// Lets `turns` turns of the loop pass, time included. False when the task ended before.
Coro<bool> let_run(asyncio::Task<void> task, int turns) {
  for (int i = 0; i < turns; ++i) {
    if (task.done()) co_return false;
    co_await testing::wait_until_idle();
    if (i % 2 == 1) co_await asyncio::sleep(500us);
  }
  co_return !task.done();
}

// One run: cancels after `first` turns, and again `second` turns later (negative: not). Gives
// whether the task still ran at the first.
bool cancelled_run(Scenario scenario, int first, int second) {
  bool reached = false;
  auto body = [&]() -> Coro<void> {
    Shared shared;
    asyncio::Task<void> task = asyncio::create_task(scenario(shared));
    reached = co_await let_run(task, first);
    task.cancel();
    if (second >= 0) {
      co_await let_run(task, second);
      task.cancel();
    }
    co_await until_done(task);
    if (!task.cancelled() && task.exception()) FAIL(heddle::repr(task.exception()));
    for (auto& helper : shared.helpers) co_await until_done(helper);
    co_await testing::wait_until_idle();
    if (shared.semaphore.locked()) FAIL("a permit was lost");
    if (asyncio::all_tasks().size() != 1) FAIL("a task was left");
  };
  testing::run_async(body);
  return reached;
}

}  // namespace

TEST_CASE("T1: a cancellation at every turn of every scenario, once and twice, loses nothing") {
  int runs = 0;
  for (std::size_t which = 0; which < std::size(scenarios); ++which) {
    INFO("scenario ", which);
    for (int first = 0;; ++first) {
      bool reached = false;
      for (int second = -1; second < 6; ++second, ++runs) {
        reached = cancelled_run(scenarios[which], first, second);
      }
      if (!reached) break;
    }
  }
  CHECK(runs > 500);
}
