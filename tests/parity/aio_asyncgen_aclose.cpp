#include <heddle/asyncio.h>

#include "seed/print.h"

namespace asyncio = heddle::asyncio;
using asyncio::Coro;
using namespace std::chrono_literals;

static asyncio::AsyncGenerator<int> closes() {
  std::exception_ptr leaving;
  try {
    co_yield 1;
  } catch (...) {
    leaving = std::current_exception();
  }
  co_await asyncio::sleep(0s);
  print("finally ran");
  if (leaving) std::rethrow_exception(leaving);
}

static asyncio::AsyncGenerator<int> ignores() {
  try {
    co_yield 1;
  } catch (const heddle::GeneratorExit&) {
    // goes on, which it must not
  }
  co_yield 2;
}

static Coro<std::string> next_or_exhausted(asyncio::AsyncGenerator<int>& generator) {
  auto value = co_await generator.next();
  co_return value ? std::to_string(*value) : "exhausted";
}

static Coro<void> async_main() {
  auto unstarted = closes();
  co_await unstarted.aclose();
  std::string next = co_await next_or_exhausted(unstarted);
  print("never started:", std::nullopt, next);
  auto c = closes();
  co_await c.anext();
  co_await c.aclose();
  co_await c.aclose();
  next = co_await next_or_exhausted(c);
  print("aclose:", std::nullopt, std::nullopt, next);
  auto i = ignores();
  co_await i.anext();
  try {
    co_await i.aclose();
  } catch (const heddle::RuntimeError& e) {
    print("RuntimeError:", e);
  }
  c = closes();
  co_await c.anext();
  try {
    co_await c.athrow(heddle::KeyError("'thrown'"));
  } catch (const heddle::KeyError& e) {
    print("KeyError", e);
  }
}

int main() { asyncio::run(async_main()); }
