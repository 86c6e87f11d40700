#include <heddle/asyncio/task.h>

#include <memory>

#include "asyncio/work.h"

static Coro<void> note(Log& log, std::string text) {
  log.push_back(text);
  co_return;
}

ASYNC_TEST_CASE("Task: create_task only schedules, in order of creation (rule 2)") {
  Log log;
  auto a = asyncio::create_task(note(log, "a"));
  auto b = asyncio::create_task(note(log, "b"));
  log.push_back("created");
  co_await asyncio::sleep(0s);
  CHECK(log == Log{"created", "a", "b"});
  CHECK(a.done());
  CHECK(b.done());
}

ASYNC_TEST_CASE("Task: a finished awaitable does not yield (rule 6)") {
  Log log;
  auto done = asyncio::create_task(note(log, "first"));
  co_await done;
  auto other = asyncio::create_task(note(log, "other ran"));
  co_await done;
  log.push_back("after finished await");
  co_await asyncio::sleep(0s);
  log.push_back("after sleep(0)");
  CHECK(log == Log{"first", "after finished await", "other ran", "after sleep(0)"});
}

ASYNC_TEST_CASE("Task: cancel() is a request (rule 8)") {
  auto task = asyncio::create_task(work());
  co_await asyncio::sleep(0s);
  CHECK(task.cancel("why"));
  CHECK(!task.cancelled());
  CHECK(!task.done());
  CHECK(task.cancelling() == 1);
  std::string end = co_await ending(task);
  CHECK(end == "cancelled: why");
  CHECK(task.cancelled());
  CHECK_THROWS_AS(task.result(), CancelledError);
  CHECK_THROWS_AS(task.exception(), CancelledError);
}

ASYNC_TEST_CASE("Task: cancelled before its first step it never runs its body (rule 9)") {
  Log log;
  auto task = asyncio::create_task(note(log, "body"));
  task.cancel();
  co_await until_done(task);
  CHECK(task.cancelled());
  CHECK(log.empty());
}

static Coro<std::string> cancels_itself() {
  asyncio::current_task().cancel();
  co_return "value";
}

ASYNC_TEST_CASE(
    "Task: cancelled during its last step it ends cancelled, the value is lost (rule 9)") {
  auto task = asyncio::create_task(cancels_itself());
  co_await until_done(task);
  CHECK(outcome(task) == "cancelled");
}

static Coro<std::string> survives() {
  asyncio::current_task().cancel();
  try {
    co_await asyncio::sleep(0s);
  } catch (const CancelledError&) {
    co_return "survived";
  }
  co_return "not cancelled";
}

ASYNC_TEST_CASE("Task: a cancellation of itself is thrown at its next await (rule 9)") {
  std::string end = co_await asyncio::create_task(survives());
  CHECK(end == "survived");
}

ASYNC_TEST_CASE("Task: cancelling a finished one does nothing (rule 10)") {
  auto task = asyncio::create_task(asyncio::sleep(0s, std::string("kept")));
  co_await task;
  CHECK(!task.cancel());
  CHECK(task.result() == "kept");
  CHECK(task.cancelling() == 0);
}

static Coro<std::vector<std::uint32_t>> swallows_twice() {
  for (int i = 0; i < 2; ++i) {
    try {
      co_await asyncio::sleep(5s);
    } catch (const CancelledError&) {
      // on purpose
    }
  }
  std::uint32_t before = asyncio::current_task().cancelling();
  std::uint32_t after = asyncio::current_task().uncancel();
  co_return std::vector<std::uint32_t>{before, after};
}

ASYNC_TEST_CASE(
    "Task: swallowed cancellations are counted, and taken back by uncancel() (rule 11)") {
  auto task = asyncio::create_task(swallows_twice());
  for (int i = 0; i < 2; ++i) {
    co_await asyncio::sleep(20ms);
    task.cancel();
  }
  auto counts = co_await task;
  CHECK(counts == std::vector<std::uint32_t>{2, 1});
  CHECK(!task.cancelled());
  CHECK(task.cancelling() == 1);
}

static Coro<std::string> withdraws() {
  asyncio::current_task().cancel();
  asyncio::current_task().uncancel();
  co_await asyncio::sleep(0s);
  co_return "not cancelled";
}

ASYNC_TEST_CASE(
    "Task: uncancel() to zero withdraws a cancellation that was not delivered (rule 11)") {
  std::string end = co_await asyncio::create_task(withdraws());
  CHECK(end == "not cancelled");
}

static Coro<std::string> on(asyncio::Task<std::string> inner) { co_return co_await inner; }

ASYNC_TEST_CASE("Task: cancellation travels down the await chain and comes back up (rule 12)") {
  auto inner = asyncio::create_task(work());
  auto outer = asyncio::create_task(on(inner));
  co_await asyncio::sleep(20ms);
  outer.cancel();
  co_await until_done(outer);
  CHECK(outcome(outer) == "cancelled");
  CHECK(outcome(inner) == "cancelled");
  CHECK(outer.cancelling() == 1);
  CHECK(inner.cancelling() == 1);

  inner = asyncio::create_task(work());
  outer = asyncio::create_task(on(inner));
  co_await asyncio::sleep(20ms);
  inner.cancel();
  co_await until_done(outer);
  CHECK(outcome(outer) == "cancelled");
  CHECK(outer.cancelling() == 0);
  CHECK(inner.cancelling() == 1);
}

static Coro<std::string> on_future(asyncio::Future<std::string> future) {
  co_return co_await future;
}

ASYNC_TEST_CASE(
    "Task: a cancel after the wake-up still wins, and the value stays in the future (rule 13)") {
  auto future = asyncio::create_future<std::string>();
  auto task = asyncio::create_task(on_future(future));
  co_await asyncio::sleep(0s);
  future.set_result("value");
  CHECK(task.cancel());
  co_await until_done(task);
  CHECK(outcome(task) == "cancelled");
  CHECK(future.result() == "value");
}

static Coro<void> cleans_up(Log& log) {
  std::exception_ptr failure;
  try {
    co_await asyncio::sleep(5s);
  } catch (...) {
    failure = std::current_exception();
  }
  co_await asyncio::sleep(50ms);
  log.push_back("cleanup finished");
  std::rethrow_exception(failure);
}

ASYNC_TEST_CASE("Task: cleanup may await, and a second cancel interrupts it (rule 14)") {
  for (int cancels : {1, 2}) {
    Log log;
    auto task = asyncio::create_task(cleans_up(log));
    co_await asyncio::sleep(0s);
    for (int i = 0; i < cancels; ++i) {
      task.cancel();
      co_await asyncio::sleep(10ms);
    }
    co_await until_done(task);
    CHECK(task.cancelled());
    CHECK(log == (cancels == 1 ? Log{"cleanup finished"} : Log{}));
  }
}

ASYNC_TEST_CASE("Task: awaiting itself is a RuntimeError (rule 40)") {
  auto me = []() -> Coro<std::string> {
    asyncio::Future<std::string> self(asyncio::current_task().core());
    co_return co_await self;
  };
  std::string end = co_await ending(asyncio::create_task(me()));
  CHECK(end.starts_with("RuntimeError(\"Task cannot await on itself: <Task pending name='Task-"));
}

ASYNC_TEST_CASE("Task: names count in the process, and all_tasks() lists the unfinished ones") {
  auto a = asyncio::create_task(work());
  auto b = asyncio::create_task(work(), asyncio::TaskOptions().name("bob"));
  CHECK(a.get_name().starts_with("Task-"));
  CHECK(b.get_name() == "bob");
  CHECK(asyncio::all_tasks().size() == 3);
  CHECK(asyncio::all_tasks()[2] == asyncio::AnyTask(b));
  a.cancel();
  b.cancel();
  co_await until_done(b);
  CHECK(asyncio::all_tasks().size() == 1);
}

ASYNC_TEST_CASE("Task: create_task() stores the function and its arguments") {
  asyncio::Task<std::string> task = [] {
    std::string captured = "captured ";
    return asyncio::create_task(
        [captured](std::string argument) -> Coro<std::string> {
          co_await asyncio::sleep(1s);
          co_return captured + argument;
        },
        std::string("argument"));
  }();
  std::string result = co_await task;
  CHECK(result == "captured argument");
}

TEST_CASE("Task: create_task() without a loop says what to do") {
  Coro<std::string> call = work();
  try {
    asyncio::create_task(call);
    FAIL("no exception");
  } catch (const heddle::RuntimeError& error) {
    CHECK(std::string(error.what()).starts_with("no running event loop"));
    CHECK(std::string(error.what()).find("asyncio::run(main())") != std::string::npos);
  }
  call.close();
}

ASYNC_TEST_CASE("Task: a result read too early is an InvalidStateError") {
  auto task = asyncio::create_task(asyncio::sleep(0s, 1));
  CHECK_THROWS_WITH_AS(task.result(), "Result is not set.", heddle::InvalidStateError);
  CHECK_THROWS_WITH_AS(task.exception(), "Exception is not set.", heddle::InvalidStateError);
  CHECK_THROWS_AS(task.set_result(2), heddle::RuntimeError);
  co_await task;
}

static Coro<std::unique_ptr<int>> makes_unique() { co_return std::make_unique<int>(7); }

ASYNC_TEST_CASE("Task: a result that cannot be copied is moved out, once") {
  auto task = asyncio::create_task(makes_unique());
  std::unique_ptr<int> value = co_await task;
  CHECK(*value == 7);
  CHECK_THROWS_AS(task.result(), heddle::InvalidStateError);
}

ASYNC_TEST_CASE("Task: a cancellation goes down a chain of a hundred thousand tasks") {
  auto follow = [](asyncio::Task<void> task) -> Coro<void> { co_await task; };
  auto first = asyncio::create_task(asyncio::sleep(1h));
  asyncio::Task<void> last = first;
  for (int i = 0; i < 100'000; ++i) last = asyncio::create_task(follow(last));
  co_await testing::wait_until_idle();
  CHECK(last.cancel());
  CHECK(co_await ending(last) == "cancelled");
  CHECK(first.cancelled());
}

ASYNC_TEST_CASE("Task: two cancellations before it runs are one CancelledError") {
  Log log;
  auto cleans_up = [&log]() -> Coro<void> {
    std::exception_ptr cancelled;
    try {
      co_await asyncio::sleep(1h);
    } catch (...) {
      cancelled = std::current_exception();
    }
    co_await asyncio::sleep(1ms);
    log.push_back("cleaned up");
    std::rethrow_exception(cancelled);
  };
  auto task = asyncio::create_task(cleans_up());
  co_await asyncio::sleep(0s);
  task.cancel();
  task.cancel();
  co_await until_done(task);
  CHECK(log == Log{"cleaned up"});
  CHECK(task.cancelling() == 2);
}

ASYNC_TEST_CASE("Task: of several cancellations the first is the one that a wait throws") {
  auto wait_for_it = [](auto awaitable) -> Coro<void> { co_await awaitable(); };
  asyncio::Event event;
  auto sleeps = asyncio::create_task(wait_for_it, [] { return asyncio::sleep(5s); });
  auto waits = asyncio::create_task(wait_for_it, [&] { return event.wait(); });
  auto follows = asyncio::create_task(wait_for_it, [waits] { return waits; });
  auto unstarted = asyncio::create_task(work());
  co_await asyncio::sleep(0s);
  co_await asyncio::sleep(0s);
  auto late = asyncio::create_task(work());
  for (const char* message : {"first", "second"}) {
    for (asyncio::AnyTask task : {asyncio::AnyTask(sleeps), asyncio::AnyTask(follows)})
      task.cancel(message);
    late.cancel(message);
  }
  unstarted.cancel("only");
  CHECK(co_await ending(sleeps) == "cancelled: first");
  CHECK(co_await ending(follows) == "cancelled: first");
  CHECK(co_await ending(waits) == "cancelled: first");
  CHECK(co_await ending(late) == "cancelled: second");  // it did not wait yet: the last one
  CHECK(co_await ending(unstarted) == "cancelled: only");
}

ASYNC_TEST_CASE("Task: a handle of any type can be awaited, called back and waited for") {
  auto value = asyncio::create_task(work({.delay = 1ms}));
  auto bad = asyncio::create_task(fail(1ms));
  std::vector<asyncio::AnyTask> tasks{value, bad};
  Log log;
  value.set_name("v");
  tasks[0].add_done_callback([&](asyncio::AnyTask done) { log.push_back(done.get_name()); });
  value.add_done_callback([&](asyncio::Task<std::string> done) { log.push_back(done.result()); });
  value.add_done_callback([&](const asyncio::AnyFuture&) { log.push_back("any"); });
  co_await tasks[0];
  CHECK(co_await ending(tasks[1]) == "ValueError('boom')");
  CHECK(co_await ending(asyncio::shield(tasks[1])) == "ValueError('boom')");
  CHECK(co_await ending(asyncio::wait_for(tasks[0], 1s)) == "ended");
  co_await asyncio::gather(asyncio::return_exceptions, tasks[0], tasks[1]);
  CHECK(log == Log{"v", "r", "any"});
  CHECK(value.result() == "r");
}

TEST_CASE(
    "Task: all_tasks() and current_task() of a loop that does not run, or of another thread") {
  asyncio::EventLoop loop;
  auto task = loop.create_task(work({.delay = 0s}));
  CHECK(asyncio::all_tasks(loop).size() == 1);
  CHECK(!asyncio::current_task(loop));
  auto inside = [](asyncio::EventLoop own) -> Coro<void> {
    CHECK(asyncio::current_task(own) == asyncio::current_task());
    auto elsewhere = [own] {
      CHECK_THROWS_AS(asyncio::all_tasks(own), heddle::RuntimeError);
      CHECK_THROWS_AS(asyncio::current_task(own), heddle::RuntimeError);
    };
    co_await asyncio::to_thread(elsewhere);
  };
  loop.run_until_complete(inside(loop));
  CHECK(loop.run_until_complete(task) == "r");
  CHECK(asyncio::all_tasks(loop).empty());
  loop.run_until_complete(loop.shutdown_default_executor());
  loop.close();
}

ASYNC_TEST_CASE("Task: a task factory that throws leaves nothing behind") {
  auto argument = std::make_shared<int>(1);
  std::weak_ptr<int> watched = argument;
  auto takes = [](std::shared_ptr<int>) -> Coro<void> { co_return; };
  asyncio::EventLoop loop = asyncio::get_running_loop();
  auto coroutine = takes(std::move(argument));
  loop.set_task_factory([](asyncio::TaskOptions&) { throw heddle::ValueError("not today"); });
  CHECK_THROWS_AS(asyncio::create_task(std::move(coroutine)), heddle::ValueError);
  loop.set_task_factory(nullptr);
  CHECK(watched.expired());
  co_return;
}

static heddle::ContextVar<int> number("number", 0);

ASYNC_TEST_CASE("Task: get_context() of the running task shows what it has just set") {
  auto sets = []() -> Coro<int> {
    number.set(5);
    auto context = asyncio::current_task().get_context();
    co_return context[number];
  };
  int seen = co_await asyncio::create_task(sets());
  CHECK(seen == 5);
  CHECK(number.get() == 0);
}
