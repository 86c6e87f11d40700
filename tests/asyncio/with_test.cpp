#include <heddle/asyncio/with.h>

#include "asyncio/work.h"

struct Resource {
  Log& log;
  std::string tag;
  bool suppresses = false;
  Coro<Resource&> aenter() {
    co_await asyncio::sleep(0s);
    log.push_back("enter " + tag);
    co_return *this;
  }
  Coro<bool> aexit(std::exception_ptr failure) {
    co_await asyncio::sleep(0s);
    log.push_back("exit " + tag + (failure ? " " + heddle::repr(failure) : ""));
    co_return suppresses;
  }
};

ASYNC_TEST_CASE("with: exits in the reverse order, a true aexit() suppresses") {
  Log log;
  Resource outer{log, "outer", true};
  Resource inner{log, "inner"};
  auto body = []() -> Coro<void> { throw heddle::ValueError("x"); };
  auto both = [&]() -> Coro<void> { co_await asyncio::with(inner, body); };
  co_await asyncio::with(outer, both);
  CHECK(log == Log{"enter outer", "enter inner", "exit inner ValueError('x')",
                   "exit outer ValueError('x')"});
}

ASYNC_TEST_CASE("with: gives what the body gives, and exits when cancelled") {
  Log log;
  Resource resource{log, "r"};
  auto answer = [](Resource& entered) -> Coro<std::string> { co_return entered.tag + "!"; };
  std::string value = co_await asyncio::with(resource, answer);
  CHECK(value == "r!");
  auto waits = []() -> Coro<void> { co_await asyncio::sleep(5s); };
  auto task = asyncio::create_task(asyncio::with(resource, waits));
  co_await testing::wait_until_idle();
  task.cancel();
  co_await until_done(task);
  CHECK(task.cancelled());
  CHECK(log.back() == "exit r CancelledError()");
}

struct PlainResource {
  Log& log;
  PlainResource& enter() {
    log.push_back("enter");
    return *this;
  }
  bool exit(const std::exception_ptr&) {
    log.push_back("exit");
    return false;
  }
  Coro<PlainResource&> aenter() { throw heddle::RuntimeError("enter() is preferred"); }
  Coro<bool> aexit(std::exception_ptr) { throw heddle::RuntimeError("exit() is preferred"); }
};

ASYNC_TEST_CASE("with: enters and exits by plain functions where there are some") {
  Log log;
  PlainResource resource{log};
  auto body = [](PlainResource& entered) -> Coro<void> {
    entered.log.push_back("body");
    co_return;
  };
  co_await asyncio::with(resource, body);
  CHECK(log == Log{"enter", "body", "exit"});
}
