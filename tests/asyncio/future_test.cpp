#include <heddle/asyncio/future.h>
#include <unistd.h>

#include <fstream>

#include "asyncio/work.h"

ASYNC_TEST_CASE(
    "Future: done callbacks run through the loop, in order, also when it is done already (rule "
    "7)") {
  auto future = asyncio::create_future<int>();
  Log log;
  future.add_done_callback(
      [&log](asyncio::Future<int> f) { log.push_back("a" + std::to_string(f.result())); });
  auto gone =
      future.add_done_callback([&log](const asyncio::Future<int>&) { log.push_back("gone"); });
  future.add_done_callback([&log](const asyncio::Future<int>&) { log.push_back("b"); });
  CHECK(future.remove_done_callback(gone) == 1);
  CHECK(future.remove_done_callback(gone) == 0);
  future.set_result(1);
  log.push_back("set");
  co_await asyncio::sleep(0s);
  future.add_done_callback([&log](const asyncio::Future<int>&) { log.push_back("late"); });
  log.push_back("added");
  co_await asyncio::sleep(0s);
  CHECK(log == Log{"set", "a1", "b", "added", "late"});
}

ASYNC_TEST_CASE("Future: set twice, or after a cancellation, is an InvalidStateError (rule 10)") {
  auto future = asyncio::create_future<int>();
  CHECK_THROWS_WITH_AS(future.result(), "Result is not set.", heddle::InvalidStateError);
  CHECK(future.cancel("msg"));
  CHECK(!future.cancel());
  CHECK_THROWS_AS(future.set_result(1), heddle::InvalidStateError);
  CHECK_THROWS_AS(future.set_exception(heddle::ValueError("x")), heddle::InvalidStateError);
  std::string end =
      co_await ending([](asyncio::Future<int> f) -> Coro<void> { co_await f; }(future));
  CHECK(end == "cancelled: msg");
}

ASYNC_TEST_CASE("Future: many tasks may await one, and wake in the order in which they came") {
  auto future = asyncio::create_future<std::string>();
  Log log;
  auto waiter = [&log](asyncio::Future<std::string> f, std::string name) -> Coro<void> {
    std::string value = co_await f;
    log.push_back(name + value);
  };
  auto a = asyncio::create_task(waiter(future, "a"));
  auto b = asyncio::create_task(waiter(future, "b"));
  co_await testing::wait_until_idle();
  future.set_result("!");
  CHECK(log.empty());
  co_await asyncio::gather(a, b);
  CHECK(log == Log{"a!", "b!"});
}

ASYNC_TEST_CASE(
    "Future: an exception nobody looked at is reported when the future dies (rule 30)") {
  Log seen;
  asyncio::EventLoop loop = asyncio::get_running_loop();
  loop.set_exception_handler(
      [&seen](asyncio::EventLoop&, const asyncio::ExceptionContext& context) {
        seen.push_back(context.message + " " + heddle::repr(context.exception));
      });
  {
    auto task = asyncio::create_task(fail());
    co_await asyncio::sleep(20ms);
    CHECK(seen.empty());
  }
  CHECK(seen == Log{"Task exception was never retrieved ValueError('boom')"});
  seen.clear();
  {
    auto looked_at = asyncio::create_task(fail());
    co_await asyncio::sleep(20ms);
    CHECK(heddle::repr(looked_at.exception()) == "ValueError('boom')");
    auto cancelled = asyncio::create_task(work());
    co_await asyncio::sleep(0s);
    cancelled.cancel();
    co_await asyncio::sleep(20ms);
  }
  CHECK(seen.empty());
  {
    auto future = asyncio::create_future<int>();
    future.set_exception(heddle::KeyError("future"));
  }
  CHECK(seen == Log{"Future exception was never retrieved KeyError('future')"});
}

// The pages of this process that are in memory.
static long resident_pages() {
  long size = 0;
  long resident = 0;
  std::ifstream("/proc/self/statm") >> size >> resident;
  return resident;
}

TEST_CASE("T30: a million failed tasks whose results are dropped are reported once each") {
  constexpr int tasks = 1'000'000;
  long reports = 0;
  long growth = 0;
  auto body = [&]() -> Coro<void> {
    asyncio::get_running_loop().set_exception_handler(
        [&reports](asyncio::EventLoop&, const asyncio::ExceptionContext&) { ++reports; });
    long before = 0;
    for (int i = 0; i < tasks; ++i) {
      if (i == 1'000) before = resident_pages();
      asyncio::create_task(fail());
      if (i % 100 == 0) co_await asyncio::sleep(0s);
    }
    co_await asyncio::sleep(1s);
    growth = (resident_pages() - before) * ::sysconf(_SC_PAGESIZE);
  };
  testing::run_async(body);
  CHECK(reports == tasks);
  MESSAGE("grew by " << growth << " bytes");
  // The sanitizers keep freed memory on purpose.
  if (!HEDDLE_SANITIZED) CHECK(growth < 5'000'000);
}

TEST_CASE(
    "Future: awaiting one of another loop is a RuntimeError, and handles may outlive their loop "
    "(rule 40)") {
  asyncio::Runner first;
  asyncio::Runner second;
  auto make = []() -> Coro<asyncio::Future<int>> { co_return asyncio::create_future<int>(); };
  asyncio::Future<int> future = first.run(make());
  auto wait = [](asyncio::Future<int> f) -> Coro<std::string> {
    try {
      co_await f;
    } catch (const heddle::RuntimeError& error) {
      co_return error.what();
    }
    co_return "";
  };
  std::string text = second.run(wait(future));
  CHECK(text.find("attached to a different loop") != std::string::npos);
  first.close();
  second.close();
  CHECK(!future.done());
}

ASYNC_TEST_CASE("Future: null is no exception, StopAsyncIteration cannot be stored") {
  auto future = asyncio::create_future<int>();
  CHECK_THROWS_AS(future.set_exception(std::exception_ptr()), heddle::TypeError);
  CHECK_THROWS_AS(future.set_exception(heddle::StopAsyncIteration()), heddle::TypeError);
  co_return;
}
