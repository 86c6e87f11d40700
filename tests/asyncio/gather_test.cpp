#include <heddle/asyncio/gather.h>

#include "asyncio/work.h"

ASYNC_TEST_CASE(
    "gather: the first error comes at once, the siblings run on, results keep the order (rule "
    "19)") {
  auto late = asyncio::create_task(work({.delay = 50ms}));
  std::string end = co_await ending(asyncio::gather(fail(), late));
  CHECK(end == "ValueError('boom')");
  CHECK(!late.done());
  std::string value = co_await late;
  CHECK(value == "r");
  auto [failed, x] = co_await asyncio::gather(asyncio::return_exceptions, fail(20ms),
                                              asyncio::sleep(0s, std::string("x")));
  CHECK(heddle::repr(failed.exception()) == "ValueError('boom')");
  CHECK(x.value() == "x");
  auto [one, two] = co_await asyncio::gather(late, late);
  CHECK(one == two);
  co_await asyncio::gather();
}

ASYNC_TEST_CASE("gather: errors of the siblings that come later count as retrieved (rule 19)") {
  int reports = 0;
  asyncio::get_running_loop().set_exception_handler(
      [&reports](asyncio::EventLoop&, const asyncio::ExceptionContext&) { ++reports; });
  std::string end = co_await ending(asyncio::gather(fail(1ms), fail(2ms, "second")));
  CHECK(end == "ValueError('boom')");
  co_await asyncio::sleep(10ms);
  CHECK(reports == 0);
}

static Coro<std::string> gathers(asyncio::Task<std::string> a, asyncio::Task<std::string> b) {
  auto [x, y] = co_await asyncio::gather(asyncio::return_exceptions, a, b);
  co_return heddle::repr(x.exception()) + " " + y.value();
}

ASYNC_TEST_CASE("gather: cancelling it cancels all, even with return_exceptions (rule 20)") {
  auto a = asyncio::create_task(work());
  auto b = asyncio::create_task(work());
  auto task = asyncio::create_task(gathers(a, b));
  co_await asyncio::sleep(20ms);
  task.cancel();
  co_await until_done(task);
  CHECK(outcome(task) == "cancelled");
  CHECK(outcome(a) == "cancelled");
  CHECK(outcome(b) == "cancelled");
}

ASYNC_TEST_CASE(
    "gather: a child cancelled by itself is an error of the gather, siblings run on (rule 20)") {
  auto a = asyncio::create_task(work());
  auto b = asyncio::create_task(work({.delay = 50ms}));
  auto task = asyncio::create_task(gathers(a, b));
  co_await asyncio::sleep(20ms);
  a.cancel();
  std::string end = co_await task;
  CHECK(end == "CancelledError() r");
}

ASYNC_TEST_CASE("gather: of a vector, of void, of results that cannot be copied") {
  std::vector<Coro<std::unique_ptr<int>>> calls;
  for (int i = 0; i < 3; ++i) {
    calls.push_back(
        [](int n) -> Coro<std::unique_ptr<int>> { co_return std::make_unique<int>(n); }(i));
  }
  auto values = co_await asyncio::gather(std::move(calls));
  CHECK(*values[2] == 2);
  std::vector<Coro<std::string>> mixed;
  mixed.push_back(work({.delay = 1ms}));
  mixed.push_back(fail());
  auto outcomes = co_await asyncio::gather(asyncio::return_exceptions, std::move(mixed));
  CHECK(outcomes[0].value() == "r");
  CHECK_THROWS_AS(outcomes[1].value(), heddle::ValueError);
  co_await asyncio::gather(asyncio::sleep(1ms), asyncio::sleep(0s));
}

ASYNC_TEST_CASE("gather: dropped before it is done, its children run on") {
  auto child = asyncio::create_task(work({.delay = 10ms}));
  {
    auto dropped = asyncio::gather(child, asyncio::sleep(5ms));
  }
  std::string value = co_await child;
  CHECK(value == "r");
  co_await asyncio::sleep(1ms);
}

TEST_CASE("gather, shield: those that wait for what never comes go away with their loop") {
  auto body = []() -> Coro<void> {
    auto never = asyncio::create_future<int>();
    auto gathered = asyncio::gather(never, asyncio::create_future<void>());
    auto shielded = asyncio::shield(never);
    co_return;
  };
  testing::run_async(body);  // its census would see them
}

ASYNC_TEST_CASE("gather: a coroutine that was awaited already is refused before any begins") {
  Log log;
  auto say = [](Log& to, std::string text) -> Coro<void> {
    to.push_back(text);
    co_return;
  };
  std::vector<Coro<void>> coroutines;
  coroutines.push_back(say(log, "first"));
  coroutines.push_back(say(log, "second"));
  co_await std::move(coroutines[1]);
  CHECK_THROWS_AS(asyncio::gather(std::move(coroutines)), heddle::RuntimeError);
  for (auto& coroutine : coroutines) coroutine.close();
  co_await asyncio::sleep(0s);
  CHECK(log == Log{"second"});
}

ASYNC_TEST_CASE("gather: its tasks may outlive it, and it them") {
  std::vector<asyncio::AnyTask> kept;
  auto keeps_itself = [](std::vector<asyncio::AnyTask>& tasks, int i) -> Coro<int> {
    tasks.push_back(asyncio::current_task());
    co_await asyncio::sleep(0s);
    co_return i;
  };
  std::vector<int> results;
  {
    std::vector<Coro<int>> coroutines;
    for (int i = 0; i < 100; ++i) coroutines.push_back(keeps_itself(kept, i));
    results = co_await asyncio::gather(std::move(coroutines));
  }
  CHECK(results.size() == 100);
  CHECK(results[99] == 99);
  for (auto& task : kept) CHECK(task.done());
  CHECK(kept[7].get_name().starts_with("Task-"));
}

ASYNC_TEST_CASE("gather: hears of its children one turn after they ended, as in CPython") {
  Log log;
  auto notes = [](Log& to) -> Coro<void> {
    for (int turn = 0; turn < 5; ++turn) {
      to.push_back("turn");
      co_await asyncio::sleep(0s);
    }
  };
  auto nothing = []() -> Coro<int> { co_return 1; };
  auto noting = asyncio::create_task(notes(log));
  std::vector<Coro<int>> children;
  for (int i = 0; i < 3; ++i) children.push_back(nothing());
  co_await asyncio::gather(std::move(children));
  // Children in the first turn, the gather in the second, this task in the third, after the notes.
  CHECK(log.size() == 3);
  co_await noting;
}
