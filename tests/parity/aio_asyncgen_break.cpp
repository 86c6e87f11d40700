#include <heddle/asyncio.h>

#include "outcome.h"

namespace asyncio = heddle::asyncio;
using asyncio::aclosing;
using asyncio::AsyncGenerator;
using asyncio::Coro;
using asyncio::with;
using Gen = AsyncGenerator<int>;
using namespace std::chrono_literals;

static std::vector<std::string> log_;
static void note(std::string text) { log_.push_back(std::move(text)); }

template <class... Ts>
static void show(const Ts&... values) {
  print(values..., log_);
  log_.clear();
}

static Gen gen(int n = 3, heddle::Delay t = 0s) {
  std::exception_ptr failure;
  try {
    for (int i = 0; i < n; ++i) {
      note("yield " + std::to_string(i));
      co_yield i;
      co_await asyncio::sleep(t);
    }
    note("exhausted");
  } catch (const heddle::GeneratorExit&) {
    note("GeneratorExit");
    failure = std::current_exception();
  } catch (const heddle::CancelledError&) {
    note("CancelledError");
    failure = std::current_exception();
  } catch (...) {
    failure = std::current_exception();
  }
  note("closing");
  co_await asyncio::sleep(0s);
  note("closed");
  if (failure) std::rethrow_exception(failure);
}

// anext(g, default)
static Coro<std::string> next_or(Gen& g, std::string fallback) {
  auto x = co_await g.next();
  co_return x ? std::to_string(*x) : fallback;
}

static Coro<void> left_early() {
  Gen g = gen();
  while (auto x = co_await g.next()) {
    if (*x == 1) break;
  }
  show("after break");
  co_await g.aclose();
  show("after aclose");
  co_await g.aclose();
  show("again");
  co_await with(aclosing(gen()), [](Gen& each) -> Coro<void> { co_await each.next(); });
  show("aclosing");
  try {
    co_await with(aclosing(gen()), [](Gen& each) -> Coro<void> {
      while (auto x = co_await each.next()) throw heddle::ValueError("body");
    });
  } catch (const heddle::ValueError&) {
    show(std::current_exception());
  }
  Gen two = gen(2);
  while (auto x = co_await two.next()) {
  }
  show("to the end");
  std::string over = co_await next_or(two, "default");
  print(over);
  try {
    co_await two.anext();
  } catch (const heddle::StopAsyncIteration&) {
    print("StopAsyncIteration");
  }
}

static Coro<int> next_of(Gen& g) { co_return co_await g.anext(); }
static Coro<void> take(Gen& g, std::vector<int>& got) {
  for (int i = 0; i < 2; ++i) got.push_back(co_await g.anext());
}

static Coro<void> two_consumers() {
  Gen g = gen(5, 10ms);
  co_await g.anext();
  auto [a, b] = co_await asyncio::gather(asyncio::return_exceptions, next_of(g), next_of(g));
  std::string words = heddle::repr(b.exception());  // with what to do about it behind a colon
  print(a.value(), words.substr(0, words.rfind(':')) + "')");
  co_await g.aclose();
  log_.clear();
  Gen four = gen(4);
  std::vector<int> got;
  co_await take(four, got);
  co_await asyncio::create_task(take(four, got));
  print(got);
  co_await four.aclose();
  log_.clear();
}

static Coro<void> consume(Gen& g) {
  while (auto x = co_await g.next()) {
  }
}
static Coro<void> slow(Gen& g) {
  while (auto x = co_await g.next()) co_await asyncio::sleep(5s);
}

static Coro<void> cancelled() {
  Gen waits = gen(3, 5s);
  auto t = asyncio::create_task(consume(waits));
  co_await asyncio::sleep(10ms);
  t.cancel();
  co_await asyncio::wait(parity::list(t));
  show(end(t));
  std::string over = co_await next_or(waits, "over");
  print(over);
  Gen g = gen();
  t = asyncio::create_task(slow(g));
  co_await asyncio::sleep(10ms);
  t.cancel();
  co_await asyncio::wait(parity::list(t));
  show(end(t));
  co_await g.aclose();
  show("closed by hand");
  Gen late = gen(3, 5s);
  co_await late.anext();
  try {
    co_await asyncio::wait_for(late.anext(), 10ms);
  } catch (const heddle::TimeoutError&) {
    show("TimeoutError");
  }
}

static Coro<void> thrown() {
  Gen g = gen();
  co_await g.anext();
  try {
    co_await g.athrow(heddle::KeyError("thrown"));
  } catch (const heddle::KeyError&) {
    show(std::current_exception());
  }
  Gen unstarted = gen();
  try {
    co_await unstarted.athrow(heddle::KeyError("unstarted"));
  } catch (const heddle::KeyError&) {
    show(std::current_exception());
  }
  Gen closed = gen();
  co_await closed.aclose();
  show("unstarted, closed");
  std::string over = co_await next_or(closed, "over");
  print(over);
}

static Gen twice(Gen inner) {
  std::exception_ptr failure;
  try {
    while (auto x = co_await inner.next()) co_yield 2 * *x;
  } catch (...) {
    failure = std::current_exception();
  }
  co_await inner.aclose();
  if (failure) std::rethrow_exception(failure);
}

static Coro<void> async_main() {
  co_await left_early();
  co_await two_consumers();
  co_await cancelled();
  co_await thrown();
  co_await with(aclosing(twice(gen())), [](Gen& d) -> Coro<void> {
    while (auto x = co_await d.next()) {
      if (*x == 2) break;
    }
  });
  show("both closed");
  Gen all = twice(gen());
  std::vector<int> values;
  while (auto x = co_await all.next()) values.push_back(*x);
  print(values);
}

int main() { asyncio::run(async_main()); }
