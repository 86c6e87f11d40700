#include <heddle/asyncio.h>

#include "seed/print.h"

namespace asyncio = heddle::asyncio;
using asyncio::Coro;
using namespace std::chrono_literals;

using asyncio::sleep;
using asyncio::Timeout;
using asyncio::timeout;

static Coro<void> nested(heddle::Delay inner_t, heddle::Delay outer_t) {
  Timeout outer = timeout(outer_t);
  std::optional<Timeout> inner;
  auto inner_body = []() -> Coro<void> { co_await sleep(1s); };
  auto outer_body = [&]() -> Coro<void> {
    inner.emplace(timeout(inner_t));
    try {
      co_await asyncio::with(*inner, inner_body);
    } catch (const heddle::TimeoutError&) {
      print("inner TimeoutError");
    }
    co_await sleep(0s);
  };
  try {
    co_await asyncio::with(outer, outer_body);
  } catch (const heddle::TimeoutError&) {
    print("outer TimeoutError");
  }
  print("expired: inner", inner->expired(), "outer", outer.expired());
}

static Coro<void> async_main() {
  asyncio::EventLoop loop = asyncio::get_running_loop();
  co_await nested(50ms, 300ms);
  co_await nested(300ms, 50ms);
  Timeout moved = timeout(50ms);
  auto moves = [&](Timeout& t) -> Coro<void> {
    t.reschedule(loop.time() + 5'000'000'000);
    co_await sleep(100ms);
  };
  co_await asyncio::with(moved, moves);
  print("moved:", moved.expired());
  auto unlimited = [](Timeout& t) -> Coro<void> {
    print(t.when());
    co_await sleep(0s);
  };
  co_await asyncio::with(timeout(std::nullopt), unlimited);
  auto past = []() -> Coro<void> {
    print("body starts");
    co_await sleep(0s);
    co_await sleep(0s);
    print("not reached");
  };
  try {
    co_await asyncio::with(timeout(-1s), past);
  } catch (const heddle::TimeoutError&) {
    print("past deadline fires at an await");
  }
  Timeout t = timeout(5s);
  auto quick = []() -> Coro<void> { co_await sleep(0s); };
  co_await asyncio::with(t, quick);
  try {
    t.reschedule(std::nullopt);
  } catch (const heddle::RuntimeError& e) {
    print("RuntimeError:", e);
  }
}

int main() { asyncio::run(async_main()); }
