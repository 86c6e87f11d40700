#include <heddle/asyncio.h>

#include <algorithm>

#include "outcome.h"

namespace asyncio = heddle::asyncio;
using asyncio::Barrier;
using asyncio::BoundedSemaphore;
using asyncio::Coro;
using asyncio::create_task;
using asyncio::Event;
using asyncio::Semaphore;
using asyncio::sleep;
using asyncio::wait;
using std::vector;
using namespace std::chrono_literals;

static vector<std::string> log_;

static Coro<void> use(Semaphore& s, std::string tag) {
  auto permit = co_await s.hold();
  log_.push_back(tag + "+");
  co_await sleep(10ms);
  log_.push_back(tag + "-");
}

static Coro<void> take(Semaphore& s, std::string tag) {
  bool r = co_await s.acquire();
  log_.push_back(tag + " " + parity::str(r));
}

// Up to the colon behind which heddle says what to do.
static std::string words(const std::exception& e) {
  std::string text = e.what();
  return text.substr(0, text.find(':'));
}

static Coro<void> order_of_semaphores() {
  Semaphore two(2);
  co_await asyncio::gather(use(two, "a"), use(two, "b"), use(two, "c"), use(two, "d"));
  print(log_, two.locked());
  log_.clear();
  Semaphore s(0);
  print(s.locked());
  vector<asyncio::Task<void>> ts;
  for (const char* x : {"1", "2", "3"}) ts.push_back(create_task(take(s, x)));
  co_await sleep(0s);
  s.release();
  print(s.locked());
  s.release();
  co_await sleep(0s);
  print(log_, s.locked());
  ts[2].cancel();
  co_await wait(ts);
  print(parity::ends(ts), s.locked());
  log_.clear();

  Semaphore next(0);
  auto a = create_task(take(next, "a"));
  auto b = create_task(take(next, "b"));
  co_await sleep(0s);
  next.release();
  a.cancel();
  co_await wait(parity::list(a, b));
  print(end(a), end(b), log_, next.locked());
  log_.clear();

  Semaphore back(0);
  a = create_task(take(back, "a"));
  co_await sleep(0s);
  back.release();
  a.cancel();
  co_await wait(parity::list(a));
  print(back.locked());
  co_await back.acquire();
  print(back.locked());
}

static Coro<void> errors_of_semaphores() {
  BoundedSemaphore b(2);
  co_await b.acquire();
  b.release();
  try {
    b.release();
  } catch (const heddle::ValueError& e) {
    print(words(e));
  }
  try {
    Semaphore negative(-1);
  } catch (const heddle::ValueError& e) {
    print(words(e));
  }
  try {
    BoundedSemaphore negative(-1);
  } catch (const heddle::ValueError& e) {
    print(words(e));
  }
  Semaphore more(1);
  more.release();
  co_await more.acquire();
  co_await more.acquire();
  print(more.locked());
  Semaphore s(1);
  try {
    co_await asyncio::with(s, [&]() -> Coro<void> {
      if (s.locked()) throw heddle::KeyError("k");
      co_return;
    });
  } catch (const heddle::KeyError&) {
    print("free:", !s.locked());
  }
  co_await s.acquire();
  try {
    co_await asyncio::wait_for(s.acquire(), 10ms);
  } catch (const heddle::TimeoutError&) {
    s.release();
    print("TimeoutError", s.locked());
  }
}

static Coro<void> wait_at(Event& e, std::string tag) {
  bool r = co_await e.wait();
  log_.push_back(tag + " " + parity::str(r));
}

static Coro<void> events() {
  Event e;
  vector<asyncio::Task<void>> ts;
  for (const char* x : {"a", "b", "c"}) ts.push_back(create_task(wait_at(e, x)));
  co_await sleep(0s);
  ts[1].cancel();
  e.set();
  log_.push_back("set");
  e.clear();
  co_await wait(ts);
  print(log_, parity::ends(ts), e.is_set());
  log_.clear();
  auto t = create_task(wait_at(e, "d"));
  co_await sleep(10ms);
  print(t.done());
  e.set();
  e.set();
  co_await t;
  bool r = co_await e.wait();
  print(log_, r, e.is_set());
  log_.clear();
  Event other;
  t = create_task(wait_at(other, "e"));
  co_await sleep(0s);
  other.set();
  t.cancel();
  co_await wait(parity::list(t));
  print(end(t));
}

// A number, or "broken".
static Coro<int> wait_at(Barrier& b, std::string tag) {
  try {
    std::size_t i = co_await b.wait();
    log_.push_back(tag);
    co_return static_cast<int>(i);
  } catch (const asyncio::BrokenBarrierError&) {
    co_return -1;
  }
}

static vector<asyncio::Task<int>> at(Barrier& b, std::string tags) {
  vector<asyncio::Task<int>> ts;
  for (char tag : tags) ts.push_back(create_task(wait_at(b, std::string(1, tag))));
  return ts;
}

template <class T>
static vector<T> sorted(vector<T> values) {
  std::sort(values.begin(), values.end());
  return values;
}
static vector<int> places(const vector<asyncio::Task<int>>& ts) {
  vector<int> all;
  for (const auto& t : ts) all.push_back(t.result());
  return sorted(all);
}
static vector<std::string> results(const vector<asyncio::Task<int>>& ts) {
  vector<std::string> all;
  for (const auto& t : ts) all.push_back(t.result() < 0 ? "broken" : std::to_string(t.result()));
  return all;
}

static Coro<int> block(Barrier& b) {
  co_return co_await asyncio::with(
      b, [](std::size_t i) -> Coro<int> { co_return static_cast<int>(i); });
}

static Coro<void> filled_barriers(Barrier& b) {
  print(b.parties(), b.n_waiting(), b.broken());
  auto ts = at(b, "ab");
  co_await sleep(0s);
  print(b.n_waiting());
  ts.push_back(create_task(wait_at(b, "c")));
  co_await wait(ts);
  print(places(ts), sorted(log_), b.n_waiting());
  log_.clear();
  ts = at(b, "abcdef");
  co_await wait(ts);
  print(places(ts));
  log_.clear();
  auto a = create_task(wait_at(b, "a"));
  auto t = create_task(wait_at(b, "t"));
  co_await sleep(0s);
  a.cancel();
  co_await wait(parity::list(a));
  print(end(a), b.n_waiting(), b.broken());
  ts = {t, create_task(wait_at(b, "u")), create_task(wait_at(b, "v"))};
  co_await wait(ts);
  print(places(ts));
}

static Coro<void> broken_barriers(Barrier& b) {
  auto ts = at(b, "ab");
  co_await sleep(0s);
  co_await b.reset();
  co_await wait(ts);
  print(results(ts), b.broken(), b.n_waiting());
  ts = at(b, "ab");
  co_await sleep(0s);
  co_await b.abort();
  co_await wait(ts);
  int late = co_await wait_at(b, "late");
  print(results(ts), b.broken(), late < 0 ? "broken" : "not broken");
  co_await b.reset();
  print(b.broken());
  ts = at(b, "abc");
  co_await wait(ts);
  print(places(ts));
  try {
    Barrier none(0);
  } catch (const heddle::ValueError&) {
    print("ValueError");
  }
  auto [i, j, k] = co_await asyncio::gather(block(b), block(b), block(b));
  print(sorted(vector{i, j, k}));
  try {
    co_await asyncio::wait_for(b.wait(), 10ms);
  } catch (const heddle::TimeoutError&) {
    print("TimeoutError", b.n_waiting(), b.broken());
  }
  Barrier one(1);
  std::size_t first = co_await one.wait();
  std::size_t second = co_await one.wait();
  print(first, second);
}

static Coro<void> async_main() {
  co_await order_of_semaphores();
  co_await errors_of_semaphores();
  co_await events();
  Barrier b(3);
  co_await filled_barriers(b);
  co_await broken_barriers(b);
}

int main() { asyncio::run(async_main()); }
