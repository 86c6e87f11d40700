#include <heddle/asyncio.h>

#include "outcome.h"

namespace asyncio = heddle::asyncio;
using asyncio::Coro;
using asyncio::create_task;
using asyncio::sleep;
using std::vector;
using namespace std::chrono_literals;

static Coro<std::string> work(heddle::Delay t = 5s, std::string r = "r",
                              std::exception_ptr e = nullptr) {
  co_await sleep(t);
  if (e) std::rethrow_exception(e);
  co_return r;
}

static Coro<std::string> on(asyncio::Task<std::string> x) {
  auto shielded = asyncio::shield(x);
  co_return co_await shielded;
}

static Coro<std::string> careful() {
  auto w = create_task(work(30ms, "saved"));
  std::exception_ptr cancelled;
  try {
    co_return co_await asyncio::shield(w);
  } catch (const heddle::CancelledError&) {
    cancelled = std::current_exception();
  }
  std::string result = co_await w;
  print("must go, but first", result);
  std::rethrow_exception(cancelled);
}

static Coro<void> one_at_a_time() {
  auto inner = create_task(work(30ms, "finished"));
  auto t = create_task(on(inner));
  co_await sleep(10ms);
  t.cancel("m");
  try {
    co_await t;
  } catch (const heddle::CancelledError& e) {
    print(parity::args(e), inner.done(), inner.cancelling());
  }
  std::string result = co_await inner;
  print(result);

  inner = create_task(work());
  t = create_task(on(inner));
  co_await sleep(10ms);
  inner.cancel();
  co_await asyncio::wait(parity::list(t));
  print(end(t), t.cancelling());

  inner = create_task(work(10ms, "", std::make_exception_ptr(heddle::ValueError("v"))));
  t = create_task(on(inner));
  co_await asyncio::wait(parity::list(t));
  print(end(t));

  inner = create_task(work(0s));
  co_await inner;
  auto s = asyncio::shield(inner);
  result = co_await s;
  print(s == inner, result);

  result = co_await asyncio::shield(work(0s, "coroutine"));
  print(result);

  inner = create_task(work(20ms));
  s = asyncio::shield(inner);
  bool cancels = s.cancel();
  print(cancels, s.cancelled(), inner.done());
  result = co_await inner;
  print(result);

  inner = create_task(work(50ms, "kept"));
  try {
    co_await asyncio::wait_for(asyncio::shield(inner), 10ms);
  } catch (const heddle::TimeoutError&) {
    print("TimeoutError", inner.done());
  }
  result = co_await inner;
  print(result);
}

static Coro<void> async_main() {
  co_await one_at_a_time();

  auto a = create_task(work(30ms, "a"));
  auto b = create_task(work(30ms, "b"));
  auto g = asyncio::gather(asyncio::shield(a), asyncio::shield(b));
  co_await sleep(0s);
  g.cancel();
  try {
    co_await g;
  } catch (const heddle::CancelledError&) {
    print("gather cancelled", end(a), end(b));
  }
  std::string first = co_await a;
  std::string second = co_await b;
  print(first, second);

  auto t = create_task(careful());
  co_await sleep(10ms);
  t.cancel();
  co_await asyncio::wait(parity::list(t));
  print(end(t));

  auto inner = create_task(work(20ms, "shared"));
  vector<asyncio::Task<std::string>> ts;
  for (int i = 0; i < 3; ++i) ts.push_back(create_task(on(inner)));
  co_await sleep(0s);
  ts[1].cancel();
  co_await asyncio::wait(ts);
  print(parity::ends(ts));

  inner = create_task(work(10ms));
  t = create_task(on(inner));
  t.cancel();
  co_await asyncio::wait(parity::list(t));
  first = co_await inner;
  print(end(t), first);
}

int main() { asyncio::run(async_main()); }
