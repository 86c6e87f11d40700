#include <heddle/asyncio.h>

#include "outcome.h"

namespace asyncio = heddle::asyncio;
using asyncio::Coro;
using asyncio::sleep;
using asyncio::Timeout;
using asyncio::timeout;
using asyncio::with;
using namespace std::chrono_literals;

static std::uint32_t cancelling() { return asyncio::current_task().cancelling(); }

template <class E>
static Coro<void> turns_into(E error) {
  try {
    co_await sleep(5s);
  } catch (const heddle::CancelledError&) {
    throw error;
  }
}

static Coro<std::string> eat() {
  try {
    co_await sleep(5s);
  } catch (const heddle::CancelledError&) {
    co_return "ate it";
  }
  co_return "slept";
}

static Coro<void> swallowed() {
  Timeout t = timeout(10ms);
  co_await with(t, [&](Timeout&) -> Coro<void> {
    try {
      co_await sleep(5s);
    } catch (const heddle::CancelledError&) {
      print("swallowed", t.expired(), cancelling());
    }
    co_await sleep(10ms);
    print("goes on");
  });
  print("no TimeoutError", t.expired(), cancelling());
  Timeout value = timeout(10ms);
  try {
    co_await with(value, [](Timeout&) { return turns_into(heddle::ValueError("instead")); });
  } catch (const heddle::ValueError&) {
    print(std::current_exception(), value.expired(), cancelling());
  }
  Timeout key = timeout(10ms);
  try {
    co_await with(key, [](Timeout&) { return turns_into(heddle::KeyError("in cleanup")); });
  } catch (const heddle::KeyError&) {
    print(std::current_exception(), key.expired(), cancelling());
  }
  std::string result = co_await with(timeout(10ms), [](Timeout&) -> Coro<std::string> {
    try {
      co_await sleep(5s);
    } catch (const heddle::CancelledError&) {
      co_return "value";
    }
    co_return "slept";
  });
  print(result, cancelling());
}

static Coro<void> nested() {
  Timeout outer = timeout(40ms);
  try {
    co_await with(outer, [&](Timeout&) -> Coro<void> {
      Timeout inner = timeout(10ms);
      try {
        co_await with(inner, [](Timeout&) -> Coro<void> { co_await sleep(5s); });
      } catch (const heddle::TimeoutError&) {
        print("inner", outer.expired(), inner.expired());
      }
      co_await sleep(5s);
    });
  } catch (const heddle::TimeoutError&) {
    print("outer", outer.expired(), cancelling());
  }
  try {
    co_await with(timeout(10ms), [](Timeout&) -> Coro<void> {
      std::exception_ptr failure;
      try {
        co_await sleep(5s);
      } catch (...) {
        failure = std::current_exception();
      }
      try {
        co_await with(timeout(10ms), [](Timeout&) -> Coro<void> { co_await sleep(5s); });
      } catch (const heddle::TimeoutError&) {
        print("cleanup took too long", cancelling());
      }
      std::rethrow_exception(failure);
    });
  } catch (const heddle::TimeoutError&) {
    print("outer one", cancelling());
  }
  int n = 0;
  for (int i = 0; i < 5; ++i) {
    try {
      co_await with(timeout(5ms), [](Timeout&) -> Coro<void> { co_await sleep(5s); });
    } catch (const heddle::TimeoutError&) {
      ++n;
    }
  }
  print(n, cancelling());
}

static Coro<void> async_main() {
  co_await swallowed();
  co_await nested();
  std::string ate = co_await asyncio::wait_for(eat(), 10ms);
  print(ate);
  try {
    co_await asyncio::wait_for(turns_into(heddle::KeyError("own")), 10ms);
  } catch (const heddle::KeyError&) {
    print(std::current_exception());
  }
  auto task = asyncio::create_task(eat());
  ate = co_await asyncio::wait_for(task, 10ms);
  print(ate, task.cancelled(), cancelling());
  Timeout t = timeout(10ms);
  co_await with(t, [](Timeout&) -> Coro<void> {
    std::string result = co_await asyncio::create_task(eat());
    print(result);
  });
  print(t.expired(), cancelling());
  try {
    co_await with(t, [](Timeout&) -> Coro<void> { co_return; });
  } catch (const heddle::RuntimeError& e) {
    std::string text = e.what();
    print(text.substr(0, text.find(':')));
  }
}

int main() { asyncio::run(async_main()); }
