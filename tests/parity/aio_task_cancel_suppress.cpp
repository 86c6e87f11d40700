#include <heddle/asyncio.h>

#include "outcome.h"

namespace asyncio = heddle::asyncio;
using asyncio::Coro;
using asyncio::create_task;
using asyncio::sleep;
using asyncio::wait;
using parity::args;
using std::vector;
using namespace std::chrono_literals;

static vector<std::string> log_;
static void note(std::string text) { log_.push_back(std::move(text)); }
static std::uint32_t cancelling() { return asyncio::current_task().cancelling(); }

// The list of the args of exceptions.
static std::string shown() {
  std::string text;
  for (const std::string& each : log_) text += (text.empty() ? "[" : ", ") + each;
  log_.clear();
  return text + "]";
}

static Coro<std::string> swallow() {
  try {
    co_await sleep(5s);
  } catch (const heddle::CancelledError& e) {
    note(args(e));
  }
  co_await sleep(10ms);
  co_return "lived on";
}
static Coro<void> convert() {
  try {
    co_await sleep(5s);
  } catch (const heddle::CancelledError&) {
    throw heddle::ValueError("converted");
  }
}
using Counted = std::tuple<int, std::uint32_t>;
static Coro<Counted> count(int n) {
  int seen = 0;
  while (seen < n) {
    try {
      co_await sleep(20ms);
      break;
    } catch (const heddle::CancelledError& e) {
      ++seen;
      note(args(e));
    }
  }
  co_return Counted(seen, cancelling());
}

static Coro<void> swallowed() {
  auto t = create_task(swallow());
  co_await sleep(0s);
  t.cancel("first");
  std::string result = co_await t;
  print(result, t.cancelled(), t.cancelling(), shown());
  auto c = create_task(convert());
  co_await sleep(0s);
  c.cancel();
  co_await wait(parity::list(c));
  print(end(c), c.cancelling());
  auto k = create_task(count(5));
  co_await sleep(0s);
  for (const char* x : {"a", "b", "c"}) k.cancel(x);
  Counted counted = co_await k;
  print(counted, shown());
  k = create_task(count(3));
  co_await sleep(0s);
  for (const char* x : {"x", "y", "z"}) {
    k.cancel(x);
    co_await sleep(0s);
  }
  counted = co_await k;
  print(counted, shown(), k.cancelling());

  auto s = create_task(sleep(5s));
  co_await sleep(0s);
  auto first = s.uncancel();
  print(first, s.cancelling());
  s.cancel();
  s.cancel();
  auto requests = s.cancelling();
  auto one = s.uncancel();
  auto none = s.uncancel();
  print(requests, one, none, s.uncancel());
  co_await wait(parity::list(s));
  print(end(s));
}

static Coro<void> cleanup(heddle::Delay t) {
  std::exception_ptr failure;
  try {
    co_await sleep(5s);
  } catch (...) {
    failure = std::current_exception();
  }
  co_await sleep(t);
  note("cleaned");
  if (failure) std::rethrow_exception(failure);
}
static Coro<std::string> self_cancel(bool waits) {
  asyncio::current_task().cancel("me");
  note("still running");
  if (waits) {
    co_await sleep(0s);
    note("not reached");
  }
  co_return "value";
}
static Coro<void> raises() {
  if (true) throw heddle::CancelledError("by hand");
  co_return;
}
static Coro<std::string> late() {
  try {
    co_await sleep(5s);
  } catch (const heddle::CancelledError&) {
    co_return "caught";
  }
  co_return "slept";
}
static Coro<void> begins() {
  note("begins");
  co_await sleep(5s);
}

static Coro<void> at_odd_times() {
  for (int n : {1, 2}) {
    auto t = create_task(cleanup(30ms));
    co_await sleep(0s);
    for (int i = 0; i < n; ++i) {
      t.cancel();
      co_await sleep(10ms);
    }
    co_await wait(parity::list(t));
    print(n, log_, end(t), t.cancelling());
    log_.clear();
  }
  for (bool waits : {true, false}) {
    auto t = create_task(self_cancel(waits));
    co_await wait(parity::list(t));
    print(end(t), log_);
    log_.clear();
  }
  auto r = create_task(raises());
  try {
    co_await r;
  } catch (const heddle::CancelledError& e) {
    print(args(e), r.cancelled(), r.cancelling(), cancelling());
  }
  auto l = create_task(late());
  co_await sleep(0s);
  l.cancel();
  co_await sleep(0s);
  print(end(l), l.cancel(), l.cancelling());
  auto t = create_task(begins());
  t.cancel("early");
  co_await wait(parity::list(t));
  print(end(t), log_);
  auto u = create_task(begins());
  asyncio::get_running_loop().call_soon([u]() mutable { u.cancel(); });
  co_await wait(parity::list(u));
  print(end(u), log_);
  log_.clear();
}

static Coro<void> ready() {
  auto f = asyncio::get_running_loop().create_future<int>();
  f.set_result(1);
  asyncio::current_task().cancel();
  note(std::to_string(co_await f));
  note("'past the ready one'");
  co_await sleep(0s);
  note("not reached");
}
static Coro<void> follow(asyncio::Task<void> t) { co_await t; }
static Coro<void> follow_for(asyncio::Task<void> t) { co_await asyncio::wait_for(t, 1s); }

static Coro<void> async_main() {
  co_await swallowed();
  co_await at_odd_times();
  auto r = create_task(ready());
  co_await wait(parity::list(r));
  print(end(r), shown());

  auto d = create_task(sleep(0s, std::string("r")));
  co_await d;
  print(d.cancel(), d.cancelling(), d.result());
  auto t = create_task(sleep(5s));
  co_await sleep(0s);
  t.cancel("why");
  try {
    co_await t;
  } catch (const heddle::CancelledError& e) {
    print(args(e));
  }
  try {
    t.result();
  } catch (const heddle::CancelledError&) {
    print("CancelledError", t.done(), t.cancelled());
  }
  try {
    t.exception();
  } catch (const heddle::CancelledError&) {
    print("CancelledError", t.done(), t.cancelled());
  }
  auto inner = create_task(sleep(5s));
  vector<asyncio::Task<void>> ts{create_task(follow(inner)), create_task(follow_for(inner))};
  co_await sleep(0s);
  inner.cancel("inner");
  co_await wait(ts);
  print(parity::ends(ts), vector{ts[0].cancelling(), ts[1].cancelling()});
}

int main() { asyncio::run(async_main()); }
