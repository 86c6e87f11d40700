#include <heddle/asyncio.h>

#include "outcome.h"

namespace asyncio = heddle::asyncio;
using asyncio::Condition;
using asyncio::Coro;
using asyncio::create_task;
using asyncio::sleep;
using asyncio::wait;
using std::vector;
using namespace std::chrono_literals;

static vector<std::string> log_;
static int n = 0;

static Coro<std::string> w(Condition& cv, std::string tag) {
  auto held = co_await cv.hold();
  log_.push_back(tag + " waits");
  try {
    bool r = co_await cv.wait();
    log_.push_back(tag + " woken " + parity::str(r));
  } catch (const heddle::CancelledError&) {
    log_.push_back(tag + " cancelled, lock held: " + parity::str(cv.locked()));
    throw;
  }
  co_return tag;
}

static Coro<std::string> until(Condition& cv, int k) {
  auto held = co_await cv.hold();
  auto said = co_await cv.wait_for([k]() -> std::optional<std::string> {
    if (n < k) return std::nullopt;
    return "n is " + std::to_string(n);
  });
  co_return *said;
}

static Coro<void> one_waiter(Condition& cv) {
  auto t = create_task(w(cv, "a"));
  co_await sleep(0s);
  t.cancel();
  co_await wait(parity::list(t));
  print(end(t), cv.locked(), log_);
  log_.clear();

  t = create_task(w(cv, "a"));
  co_await sleep(0s);
  {
    auto held = co_await cv.hold();
    t.cancel();
    co_await sleep(10ms);
    print(t.done());
    t.cancel();
    co_await sleep(10ms);
    print(t.done(), t.cancelling());
  }
  co_await wait(parity::list(t));
  print(end(t), log_);
  log_.clear();
}

static Coro<void> several_waiters(Condition& cv) {
  auto a = create_task(w(cv, "a"));
  auto b = create_task(w(cv, "b"));
  auto c = create_task(w(cv, "c"));
  co_await sleep(0s);
  {
    auto held = co_await cv.hold();
    cv.notify(1);
    a.cancel();
  }
  co_await sleep(10ms);
  print(end(a), end(b), end(c));
  {
    auto held = co_await cv.hold();
    cv.notify_all();
  }
  co_await wait(parity::list(a, b, c));
  print(end(a), end(b), end(c), log_);
  log_.clear();

  a = create_task(w(cv, "a"));
  b = create_task(w(cv, "b"));
  co_await sleep(0s);
  {
    auto held = co_await cv.hold();
    a.cancel();
    cv.notify(1);
  }
  co_await sleep(10ms);
  print(end(a), end(b));
  if (!b.done()) {
    {
      auto held = co_await cv.hold();
      cv.notify();
    }
    co_await b;
  }
  print(log_);
  log_.clear();

  vector<asyncio::Task<std::string>> ts;
  for (const char* x : {"x", "y", "z"}) ts.push_back(create_task(w(cv, x)));
  co_await sleep(0s);
  {
    auto held = co_await cv.hold();
    cv.notify(2);
    log_.push_back("notified");
    co_await sleep(0s);
    log_.push_back("still held");
  }
  co_await sleep(10ms);
  print(parity::ends(ts), log_);
  {
    auto held = co_await cv.hold();
    cv.notify(5);
  }
  co_await wait(ts);
  log_.clear();
}

static Coro<void> predicates(Condition& cv) {
  vector<asyncio::Task<std::string>> ts;
  for (int k : {1, 2, 3}) ts.push_back(create_task(until(cv, k)));
  co_await sleep(0s);
  for (int i = 0; i < 2; ++i) {
    {
      auto held = co_await cv.hold();
      ++n;
      cv.notify_all();
    }
    co_await sleep(10ms);
    print(parity::ends(ts));
  }
  ts[2].cancel();
  co_await wait(ts);
  print(end(ts[2]), cv.locked());

  auto held = co_await cv.hold();
  try {
    co_await asyncio::wait_for(cv.wait(), 10ms);
  } catch (const heddle::TimeoutError&) {
    print("TimeoutError, lock held:", cv.locked());
  }
}

static Coro<void> pair(Condition& c, std::string tag) {
  co_await asyncio::with(c, [&]() -> Coro<void> {
    co_await c.wait();
    log_.push_back(tag);
  });
}

// Up to the colon behind which heddle says what to do.
static std::string words(const std::exception& e) {
  std::string text = e.what();
  return text.substr(0, text.find(':'));
}

static Coro<void> async_main() {
  Condition cv;
  co_await one_waiter(cv);
  co_await several_waiters(cv);
  co_await predicates(cv);

  try {
    cv.notify();
  } catch (const heddle::RuntimeError& e) {
    print(words(e));
  }
  try {
    cv.notify_all();
  } catch (const heddle::RuntimeError& e) {
    print(words(e));
  }
  try {
    co_await cv.wait();
  } catch (const heddle::RuntimeError& e) {
    print(words(e));
  }
  try {
    cv.release();
  } catch (const heddle::RuntimeError& e) {
    print(words(e));
  }

  asyncio::Lock lock;
  Condition c1(&lock);
  Condition c2(&lock);
  vector<asyncio::Task<void>> ts;
  ts.push_back(create_task(pair(c1, "one")));
  ts.push_back(create_task(pair(c2, "two")));
  co_await sleep(0s);
  {
    auto held = co_await lock.hold();
    c2.notify();
    c1.notify();
  }
  co_await wait(ts);
  print(log_, lock.locked());
}

int main() { asyncio::run(async_main()); }
