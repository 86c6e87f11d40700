#include <heddle/asyncio.h>

#include "outcome.h"

namespace asyncio = heddle::asyncio;
using asyncio::Coro;
using asyncio::create_task;
using asyncio::Future;
using asyncio::sleep;
using asyncio::Task;
using asyncio::wait;
using parity::ends;
using std::vector;
using Text = std::string;
using namespace std::chrono_literals;

static vector<Text> log_;

static Coro<Text> on(Future<Text> x) { co_return co_await x; }

static Coro<Text> work(Text tag) {
  try {
    co_await sleep(5s);
  } catch (const heddle::CancelledError& e) {
    log_.push_back("('" + tag + "', " + parity::args(e) + ")");
    throw;
  }
  co_return tag;
}
static Text shown() {
  Text text;
  for (const Text& each : log_) text += (text.empty() ? "" : ", ") + each;
  log_.clear();
  return "[" + text + "]";
}
static vector<std::uint32_t> requests(const vector<Task<Text>>& ts) {
  vector<std::uint32_t> all;
  for (const auto& t : ts) all.push_back(t.cancelling());
  return all;
}

// A task that works, one that waits for it, and one that waits for that.
static vector<Task<Text>> chain() {
  auto a = create_task(work("a"));
  auto b = create_task(on(a));
  auto c = create_task(on(b));
  return {a, b, c};
}

static Coro<void> down_and_up() {
  auto ts = chain();
  co_await sleep(10ms);
  print(ts[2].cancel("msg"));
  co_await wait(ts);
  print(ends(ts), requests(ts), shown());

  ts = chain();
  co_await sleep(10ms);
  ts[0].cancel("inner");
  try {
    co_await ts[2];
  } catch (const heddle::CancelledError& e) {
    print(parity::args(e), requests(ts), asyncio::current_task().cancelling());
  }
  log_.clear();

  ts = chain();
  co_await sleep(10ms);
  ts[1].cancel();
  co_await wait(parity::list(ts[2]));
  print(ends(ts), requests(ts));
  log_.clear();
}

static Coro<Text> eat() {
  try {
    co_await sleep(5s);
  } catch (const heddle::CancelledError&) {
    co_return "ate";
  }
  co_return "slept";
}
static Coro<Text> fail() {
  try {
    co_await sleep(5s);
  } catch (...) {
    throw heddle::ValueError("cleanup");
  }
  co_return "slept";
}
static Coro<Text> slow() {
  std::exception_ptr failure;
  try {
    co_await sleep(5s);
  } catch (...) {
    failure = std::current_exception();
  }
  co_await sleep(30ms);
  log_.push_back("'slow done'");
  std::rethrow_exception(failure);
}

static Coro<void> stubborn_ones() {
  auto a = create_task(eat());
  auto b = create_task(on(a));
  co_await sleep(10ms);
  b.cancel();
  co_await wait(parity::list(b));
  print(end(a), end(b), a.cancelling(), b.cancelling());
  a = create_task(fail());
  b = create_task(on(a));
  co_await sleep(10ms);
  b.cancel();
  co_await wait(parity::list(b));
  print(end(a), end(b));
  a = create_task(slow());
  b = create_task(on(a));
  co_await sleep(10ms);
  b.cancel();
  co_await sleep(10ms);
  print(end(a), end(b), shown());
  co_await wait(parity::list(b));
  print(end(a), end(b), shown());
}

static Coro<Text> deep(int n) {
  try {
    if (n != 0) co_return co_await deep(n - 1);
    auto [x, y] = co_await asyncio::gather(work("x"), work("y"));
    co_return x + y;
  } catch (const heddle::CancelledError&) {
    log_.push_back(std::to_string(n));
    throw;
  }
}
static Coro<void> watch(Task<Text> t) { co_await wait(parity::list(t)); }

static Coro<void> shared_ones() {
  auto f = asyncio::get_running_loop().create_future<Text>();
  vector<Task<Text>> ts;
  for (int i = 0; i < 3; ++i) ts.push_back(create_task(on(f)));
  co_await sleep(0s);
  ts[1].cancel();
  co_await wait(ts);
  print(f.cancelled(), ends(ts), requests(ts));
  auto w = create_task(work("w"));
  ts = {create_task(on(w)), create_task(on(w))};
  co_await sleep(10ms);
  ts[0].cancel();
  co_await wait(ts);
  print(end(w), ends(ts), shown());
  auto t = create_task(deep(3));
  co_await sleep(10ms);
  t.cancel();
  co_await wait(parity::list(t));
  print(end(t), shown());
}

static Coro<void> stops() {
  auto w = create_task(work("w"));
  auto b = create_task(on(asyncio::shield(w)));
  auto c = create_task(on(b));
  co_await sleep(10ms);
  c.cancel();
  co_await wait(parity::list(c));
  print(end(w), end(b), end(c), shown());
  w.cancel();
  co_await wait(parity::list(w));
  log_.clear();

  w = create_task(work("w"));
  auto watcher = create_task(watch(w));
  co_await sleep(10ms);
  watcher.cancel();
  co_await wait(parity::list(watcher));
  print(end(w), end(watcher), shown());
  auto f = asyncio::get_running_loop().create_future<Text>();
  b = create_task(on(f));
  co_await sleep(0s);
  f.set_result("value");
  print(b.cancel());
  co_await wait(parity::list(b));
  print(end(b), f.result());
  w.cancel();
  co_await wait(parity::list(w));
  auto a = create_task(sleep(0s, Text("done")));
  b = create_task(on(a));
  co_await sleep(0s);
  co_await sleep(0s);
  print(a.done(), b.done());
  b.cancel();
  co_await wait(parity::list(b));
  print(end(a), end(b));
  log_.clear();
}

static Coro<void> cleanup() {
  auto k = create_task(work("k"));
  std::exception_ptr failure;
  try {
    co_await sleep(5s);
  } catch (...) {
    failure = std::current_exception();
  }
  k.cancel();
  try {
    co_await k;
  } catch (const heddle::CancelledError&) {
    log_.push_back("'k is gone'");
  }
  if (failure) std::rethrow_exception(failure);
}

static Coro<void> async_main() {
  co_await down_and_up();
  co_await stubborn_ones();
  co_await shared_ones();
  co_await stops();
  auto t = create_task(cleanup());
  co_await sleep(10ms);
  t.cancel();
  co_await wait(parity::list(t));
  print(end(t), shown());
}

int main() { asyncio::run(async_main()); }
