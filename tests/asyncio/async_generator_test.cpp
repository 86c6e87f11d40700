#include <heddle/asyncio/async_generator.h>

#include "asyncio/work.h"

using asyncio::AsyncGenerator;

static AsyncGenerator<int> count(int n) {
  for (int i = 0; i < n; ++i) {
    if (i % 2 == 1) co_await asyncio::sleep(1ms);
    co_yield i;
  }
}

ASYNC_TEST_CASE("AsyncGenerator: yields, ends, and stays ended") {
  auto numbers = count(3);
  std::vector<int> seen;
  while (auto number = co_await numbers.next()) seen.push_back(*number);
  CHECK(seen == std::vector{0, 1, 2});
  auto again = co_await numbers.next();
  CHECK(!again);
  std::string end =
      co_await ending([](AsyncGenerator<int>& g) -> Coro<void> { co_await g.anext(); }(numbers));
  CHECK(end == "StopAsyncIteration()");
}

static AsyncGenerator<int, int> adder() {
  int total = 0;
  while (true) {
    std::optional<int> got;
    try {
      got = co_yield total;
    } catch (const heddle::ValueError&) {
      got = -100;
    }
    co_await asyncio::sleep(0s);
    if (got == 0) co_return;
    total += got.value_or(1);
  }
}

ASYNC_TEST_CASE("AsyncGenerator: asend and athrow reach the co_yield") {
  auto numbers = adder();
  int a = co_await numbers.anext();
  int b = co_await numbers.asend(10);
  int c = co_await numbers.asend({});
  int d = co_await numbers.athrow(heddle::ValueError("x"));
  CHECK(std::vector{a, b, c, d} == std::vector{0, 10, 11, -89});
  std::string end = co_await ending(
      [](AsyncGenerator<int, int>& g) -> Coro<void> { co_await g.asend(0); }(numbers));
  CHECK(end == "StopAsyncIteration()");
  auto fresh = adder();
  CHECK_THROWS_WITH_AS(static_cast<void>(fresh.asend(1)),
                       "can't send non-None value to a just-started async generator",
                       heddle::TypeError);
}

static AsyncGenerator<int> closes(Log& log) {
  std::exception_ptr closing;
  try {
    co_yield 1;
    co_await asyncio::sleep(20ms);
    co_yield 2;
  } catch (...) {
    closing = std::current_exception();
  }
  co_await asyncio::sleep(0s);
  log.push_back("closed");
  if (closing) std::rethrow_exception(closing);
}

ASYNC_TEST_CASE(
    "AsyncGenerator: one consumer at a time; leaving early leaves it suspended until aclose() "
    "(rule 31)") {
  Log log;
  auto numbers = closes(log);
  int first = co_await numbers.anext();
  CHECK(first == 1);
  auto step = [&numbers]() -> Coro<int> { co_return co_await numbers.anext(); };
  auto [a, b] = co_await asyncio::gather(asyncio::return_exceptions, step(), step());
  CHECK(a.value() == 2);
  CHECK(heddle::repr(b.exception())
            .starts_with("RuntimeError('anext(): asynchronous generator is already running"));
  CHECK(log.empty());
  co_await numbers.aclose();
  CHECK(log == Log{"closed"});
  co_await numbers.aclose();
}

static AsyncGenerator<int> ignores_exit() {
  try {
    co_yield 1;
  } catch (const heddle::GeneratorExit&) {
    // on purpose
  }
  co_yield 2;
}

ASYNC_TEST_CASE(
    "AsyncGenerator: aclose() of one that never ran runs nothing, of one that yields again is an "
    "error") {
  Log log;
  auto unstarted = closes(log);
  co_await unstarted.aclose();
  auto none = co_await unstarted.next();
  CHECK(!none);
  CHECK(log.empty());
  auto stubborn = ignores_exit();
  co_await stubborn.anext();
  std::string end =
      co_await ending([](AsyncGenerator<int>& g) -> Coro<void> { co_await g.aclose(); }(stubborn));
  CHECK(end == "RuntimeError('async generator ignored GeneratorExit')");
  auto thrown = closes(log);
  co_await thrown.anext();
  end = co_await ending([](AsyncGenerator<int>& g) -> Coro<void> {
    co_await g.athrow(heddle::KeyError("t"));
  }(thrown));
  CHECK(end == "KeyError('t')");
}

struct Guard {
  Log& log;
  ~Guard() { log.push_back("destroyed"); }
};

static AsyncGenerator<int> guarded(Log& log) {
  Guard guard{log};
  co_yield 1;
  co_yield 2;
}

ASYNC_TEST_CASE("AsyncGenerator: dropping one that is suspended runs its destructors at once") {
  Log log;
  {
    auto numbers = guarded(log);
    co_await numbers.anext();
    CHECK(log.empty());
  }
  CHECK(log == Log{"destroyed"});
}

static AsyncGenerator<int> waits(Log& log, asyncio::Event* event) {
  Guard guard{log};
  co_yield 1;
  if (event != nullptr) co_await event->wait();
  co_await asyncio::sleep(1h);
}

// Nothing but the generator's frame holds the place where the task waited.
TEST_CASE("AsyncGenerator: one that outlives its loop leaves what it waits in, timer or list") {
  for (bool in_list : {false, true}) {
    testing::VirtualClock clock;
    Log log;
    asyncio::Event event;
    std::optional<AsyncGenerator<int>> kept;
    {
      asyncio::EventLoop loop(clock);
      loop.set_exception_handler([](asyncio::EventLoop&, const asyncio::ExceptionContext&) {});
      auto consume = [&]() -> Coro<void> {
        kept = waits(log, in_list ? &event : nullptr);
        while (co_await kept->next()) {
        }
      };
      loop.call_later(1s, [&loop] { loop.stop(); });
      loop.create_task(consume());
      loop.run_forever();
      loop.close();
    }
    event.set();  // wakes nobody: the task is gone
    CHECK(log.empty());
    kept.reset();
    CHECK(log == Log{"destroyed"});
  }
}

TEST_CASE("AsyncGenerator: run() closes the generators that outlive main (rule 32)") {
  Log log;
  std::optional<AsyncGenerator<int>> kept;
  auto main = [&]() -> Coro<void> {
    kept = closes(log);
    co_await kept->anext();
  };
  asyncio::run(main());
  CHECK(log == Log{"closed"});
}

ASYNC_TEST_CASE("AsyncGenerator: a cancellation reaches the body, and ends the generator") {
  Log log;
  auto numbers = closes(log);
  auto step = [&numbers]() -> Coro<void> {
    co_await numbers.anext();
    co_await numbers.anext();
  };
  auto task = asyncio::create_task(step());
  co_await testing::wait_until_idle();
  task.cancel();
  co_await until_done(task);
  CHECK(task.cancelled());
  CHECK(log == Log{"closed"});
  auto none = co_await numbers.next();
  CHECK(!none);
}

TEST_CASE("AsyncGenerator: a million items that are there at once do not grow the stack") {
  long sum = 0;
  auto body = [&sum]() -> Coro<void> {
    auto many = []() -> AsyncGenerator<int> {
      for (int i = 0; i < 1'000'000; ++i) co_yield 1;
    };
    auto numbers = many();
    while (auto number = co_await numbers.next()) sum += *number;
  };
  testing::run_async(body);
  CHECK(sum == 1'000'000);
}

ASYNC_TEST_CASE("AsyncGenerator: a step that waited and is awaited again is one more step") {
  auto slow = []() -> AsyncGenerator<int> {
    co_await asyncio::sleep(1s);
    co_yield 1;
    co_yield 2;
    co_await asyncio::sleep(1s);
    co_yield 3;
  };
  auto numbers = slow();
  auto step = numbers.next();
  auto first = co_await step;
  auto second = co_await step;
  co_await asyncio::sleep(1s);
  auto third = co_await step;
  CHECK(first == 1);
  CHECK(second == 2);
  CHECK(third == 3);
}
