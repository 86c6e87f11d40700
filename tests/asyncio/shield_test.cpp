#include <heddle/asyncio/shield.h>

#include "asyncio/work.h"

static Coro<std::string> on(asyncio::Task<std::string> inner) {
  co_return co_await asyncio::shield(inner);
}

ASYNC_TEST_CASE("shield: protects the work, not the waiter (rule 23)") {
  auto inner = asyncio::create_task(work({.delay = 50ms}));
  auto task = asyncio::create_task(on(inner));
  co_await asyncio::sleep(20ms);
  task.cancel();
  co_await until_done(task);
  CHECK(outcome(task) == "cancelled");
  CHECK(!inner.done());
  std::string value = co_await inner;
  CHECK(value == "r");
}

ASYNC_TEST_CASE("shield: a cancellation of the work itself comes through (rule 23)") {
  auto inner = asyncio::create_task(work());
  auto task = asyncio::create_task(on(inner));
  co_await asyncio::sleep(20ms);
  inner.cancel();
  co_await until_done(task);
  CHECK(outcome(task) == "cancelled");
}

ASYNC_TEST_CASE(
    "shield: an error of the work that nobody waits for goes to the exception handler (rule 23)") {
  Log seen;
  asyncio::get_running_loop().set_exception_handler(
      [&seen](asyncio::EventLoop&, const asyncio::ExceptionContext& context) {
        seen.push_back(heddle::repr(context.exception));
      });
  auto inner = asyncio::create_task(fail(50ms));
  auto task = asyncio::create_task(on(inner));
  co_await asyncio::sleep(20ms);
  task.cancel();
  co_await until_done(inner);
  co_await asyncio::sleep(1ms);
  CHECK(seen == Log{"ValueError('boom')"});
}

ASYNC_TEST_CASE("shield: gives the value, also of a coroutine and of finished work") {
  std::string value = co_await asyncio::shield(work({.delay = 1ms}));
  CHECK(value == "r");
  auto done = asyncio::create_task(work({.delay = 0s}));
  co_await done;
  value = co_await asyncio::shield(done);
  CHECK(value == "r");
}
