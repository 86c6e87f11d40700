#include <heddle/asyncio/coroutine.h>
#include <heddle/core/compiler.h>

#include <thread>

#include "asyncio/work.h"

static Coro<std::string> current_name() { co_return asyncio::current_task().get_name(); }

ASYNC_TEST_CASE("Coro: awaiting is a call, not a hand-over to the loop (rule 1)") {
  asyncio::current_task().set_name("me");
  Log log;
  asyncio::get_running_loop().call_soon([&log] { log.push_back("loop ran"); });
  std::string name = co_await current_name();
  CHECK(name == "me");
  CHECK(log.empty());
  co_await asyncio::sleep(0s);
}

ASYNC_TEST_CASE("Coro: a second await is a RuntimeError (rule 1)") {
  Coro<std::string> call = current_name();
  co_await call;
  CHECK(!call.valid());
  std::string second = co_await ending(std::move(call));
  CHECK(second == "RuntimeError('cannot reuse already awaited coroutine')");
}

static Coro<int> one() { co_return 1; }

TEST_CASE("Coro: a call that is never awaited is reported with the function and its place") {
  auto body = []() -> Coro<void> {
    Log log;
    asyncio::EventLoop loop = asyncio::get_running_loop();
    loop.set_exception_handler(
        [&log](asyncio::EventLoop&, const asyncio::ExceptionContext& context) {
          log.push_back(context.message);
          log.push_back(context.subject);
        });
    {
      Coro<int> dropped = one();
    }
    REQUIRE(log.size() == 2);
    CHECK(log[0] == "RuntimeWarning: coroutine 'one' was never awaited");
    CHECK(log[1].find("coroutine_test.cpp:") != std::string::npos);
    one().close();  // closed on purpose: no report
    CHECK(log.size() == 2);
    co_return;
  };
  testing::run_async(body);
}

static Coro<void> throws() {
  co_await asyncio::sleep(1s);
  throw heddle::KeyError("k");
}

ASYNC_TEST_CASE("Coro: an exception passes through the awaits above it") {
  auto middle = []() -> Coro<void> { co_await throws(); };
  std::string end = co_await ending(middle());
  CHECK(end == "KeyError('k')");
}

static Coro<int&> reference_to(int& target) { co_return target; }

ASYNC_TEST_CASE("Coro: a coroutine may give a reference") {
  int target = 1;
  int& result = co_await reference_to(target);
  result = 2;
  CHECK(target == 2);
}

struct Ready {
  std::string value;
  Coro<std::string> operator co_await() const {
    co_await asyncio::sleep(0s);
    co_return value;
  }
};

ASYNC_TEST_CASE("Coro: a class with operator co_await is awaitable, alone and in gather") {
  Ready ready{"custom"};
  std::string value = co_await ready;
  CHECK(value == "custom");
  auto [first, second] = co_await asyncio::gather(ready, ready);
  CHECK(first == "custom");
  CHECK(second == "custom");
}

// The census of each test counts what these leave behind; a stack that grew would end the program.

static Coro<long> add_up(long rounds) {
  long sum = 0;
  for (long i = 0; i < rounds; ++i) sum += co_await one();
  co_return sum;
}

TEST_CASE("T8: ten million awaits of coroutines that finish at once do not grow the stack") {
  long sum = 0;
  auto body = [&sum]() -> Coro<void> { sum = co_await add_up(10'000'000); };
  testing::run_async(body);
  CHECK(sum == 10'000'000);
}

static Coro<int> nest(int depth, heddle::Delay delay) {
  if (depth == 0) {
    co_await asyncio::sleep(delay);
    co_return 0;
  }
  int below = co_await nest(depth - 1, delay);
  co_return below + 1;
}

ASYNC_TEST_CASE("T8: a chain 100,000 deep runs and returns, suspended at its end or not") {
  int depth = co_await nest(100'000, 0s);
  CHECK(depth == 100'000);
  depth = co_await nest(100'000, 1s);
  CHECK(depth == 100'000);
}

ASYNC_TEST_CASE("T8: a cancellation passes up a chain 10,000 deep") {
  auto task = asyncio::create_task(nest(10'000, 1s));
  co_await asyncio::sleep(0s);
  task.cancel();
  co_await until_done(task);
  CHECK(task.cancelled());
}

static Coro<void> wrap(Coro<void> inner) { co_await inner; }
static Coro<void> nothing() { co_return; }

TEST_CASE("T8: a million nested coroutines that never ran are taken apart without recursion") {
  int reports = 0;
  auto body = [&reports]() -> Coro<void> {
    asyncio::get_running_loop().set_exception_handler(
        [&reports](asyncio::EventLoop&, const asyncio::ExceptionContext&) { ++reports; });
    Coro<void> outer = nothing();
    for (int i = 0; i < 1'000'000; ++i) outer = wrap(std::move(outer));
    co_return;
  };
  testing::run_async(body);
  CHECK(reports == 1'000'001);  // each was never awaited
}

TEST_CASE("T8: a suspended chain of a million is taken apart from the inside with its loop") {
  asyncio::EventLoop loop;
  int reports = 0;
  loop.set_exception_handler(
      [&reports](asyncio::EventLoop&, const asyncio::ExceptionContext&) { ++reports; });
  loop.call_soon([&loop] {
    asyncio::create_task(nest(1'000'000, 5s));
    loop.call_soon([&loop] { loop.stop(); });
  });
  loop.run_forever();
  loop.close();
  CHECK(reports == 1);  // Task was destroyed but it is pending!
}

ASYNC_TEST_CASE("T8: gather of 100,000") {
  std::vector<Coro<int>> calls;
  for (int i = 0; i < 100'000; ++i) calls.push_back(one());
  auto results = co_await asyncio::gather(std::move(calls));
  CHECK(results.size() == 100'000);
}

namespace {

struct ThrowsAtItsEnd {
  ~ThrowsAtItsEnd() noexcept(false) { throw heddle::RuntimeError("at its end"); }
};

}  // namespace

static Coro<std::string> returns_after_all() {
  try {
    ThrowsAtItsEnd local;
    co_return std::string(100, 'a');
  } catch (const heddle::RuntimeError&) {
  }
  co_await asyncio::sleep(1s);
  co_return std::string(100, 'b');
}

ASYNC_TEST_CASE("Coro: a co_return that a destructor's exception undid is no result") {
  std::string awaited = co_await returns_after_all();
  CHECK(awaited == std::string(100, 'b'));
  auto task = asyncio::create_task(returns_after_all());
  std::string joined = co_await task;
  CHECK(joined == std::string(100, 'b'));
}

static Coro<int> fails_at_its_end() {
  ThrowsAtItsEnd local;
  co_return 1;
}

ASYNC_TEST_CASE("Coro: a destructor's exception after co_return is what it ends with") {
  CHECK_THROWS_AS(co_await fails_at_its_end(), heddle::RuntimeError);
  auto task = asyncio::create_task(fails_at_its_end());
  CHECK_THROWS_AS(co_await task, heddle::RuntimeError);
}
