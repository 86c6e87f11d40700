#include <heddle/asyncio/exit_stack.h>

#include "asyncio/work.h"

namespace {

class Resource {
 public:
  Resource(Log& log, std::string name, bool deals = false, bool fails = false)
      : log_(&log), name_(std::move(name)), deals_(deals), fails_(fails) {}
  Coro<std::string> aenter() {
    log_->push_back("enter " + name_);
    co_return name_;
  }
  Coro<bool> aexit(std::exception_ptr failure) {
    co_await asyncio::sleep(0s);
    log_->push_back("exit " + name_ + (failure ? " " + heddle::repr(failure) : ""));
    if (fails_) throw heddle::KeyError(name_);
    co_return deals_;
  }

 private:
  Log* log_;
  std::string name_;
  bool deals_;
  bool fails_;
};

}  // namespace

ASYNC_TEST_CASE("AsyncExitStack: leaves what it entered, last in first out") {
  Log log;
  auto body = [&log](asyncio::AsyncExitStack& stack) -> Coro<void> {
    Resource a(log, "a");
    Resource b(log, "b");
    CHECK(co_await stack.enter_async_context(a) == "a");
    co_await stack.enter_async_context(b);
    stack.callback([&log] { log.push_back("callback"); });
    stack.push_async_callback(
        [&log](int n) -> Coro<void> {
          log.push_back("async callback " + std::to_string(n));
          co_return;
        },
        7);
  };
  co_await asyncio::with(asyncio::AsyncExitStack(), body);
  CHECK(log == Log{"enter a", "enter b", "async callback 7", "callback", "exit b", "exit a"});
}

ASYNC_TEST_CASE(
    "AsyncExitStack: an exit may deal with the exception, or put another in its place") {
  Log log;
  Resource deals(log, "deals", true);
  Resource fails(log, "fails", false, true);
  auto body = [&](asyncio::AsyncExitStack& stack) -> Coro<void> {
    co_await stack.enter_async_context(deals);
    co_await stack.enter_async_context(fails);
    co_await fail();
  };
  co_await asyncio::with(asyncio::AsyncExitStack(), body);
  CHECK(log == Log{"enter deals", "enter fails", "exit fails ValueError('boom')",
                   "exit deals KeyError('fails')"});
  auto only_fails = [&](asyncio::AsyncExitStack& stack) -> Coro<void> {
    co_await stack.enter_async_context(fails);
  };
  CHECK(co_await ending(asyncio::with(asyncio::AsyncExitStack(), only_fails)) ==
        "KeyError('fails')");
}

ASYNC_TEST_CASE("AsyncExitStack: aclose() leaves now; pop_all() hands everything on") {
  Log log;
  asyncio::AsyncExitStack stack;
  stack.callback([&log] { log.push_back("one"); });
  asyncio::AsyncExitStack other = stack.pop_all();
  co_await stack.aclose();
  CHECK(log.empty());
  co_await other.aclose();
  co_await other.aclose();
  CHECK(log == Log{"one"});
}

static asyncio::AsyncGenerator<int> managed(Log& log, bool swallows) {
  log.push_back("setup");
  std::exception_ptr failure;
  try {
    co_yield 5;
  } catch (const heddle::ValueError&) {
    failure = std::current_exception();
  }
  log.push_back("teardown");
  if (failure && !swallows) std::rethrow_exception(failure);
}

ASYNC_TEST_CASE("asynccontextmanager: what precedes the co_yield enters, what follows it leaves") {
  Log log;
  auto body = [](int value) -> Coro<int> { co_return value * 2; };
  CHECK(co_await asyncio::with(asyncio::asynccontextmanager(managed(log, false)), body) == 10);
  CHECK(log == Log{"setup", "teardown"});
  auto fails = [](int) -> Coro<void> { co_await fail(); };
  CHECK(co_await ending(asyncio::with(asyncio::asynccontextmanager(managed(log, false)), fails)) ==
        "ValueError('boom')");
  co_await asyncio::with(asyncio::asynccontextmanager(managed(log, true)), fails);
}

static asyncio::AsyncGenerator<int> yields(int times) {
  for (int i = 0; i < times; ++i) co_yield i;
}

ASYNC_TEST_CASE("asynccontextmanager: a generator must yield exactly once") {
  auto body = [](int) -> Coro<void> { co_return; };
  CHECK(co_await ending(asyncio::with(asyncio::asynccontextmanager(yields(0)), body)) ==
        R"(RuntimeError("generator didn't yield"))");
  CHECK(co_await ending(asyncio::with(asyncio::asynccontextmanager(yields(2)), body)) ==
        R"(RuntimeError("generator didn't stop"))");
}
