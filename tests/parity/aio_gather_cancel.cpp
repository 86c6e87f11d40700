#include <heddle/asyncio.h>

#include "outcome.h"

namespace asyncio = heddle::asyncio;
using asyncio::Coro;
using asyncio::gather;
using asyncio::return_exceptions;
using parity::args;
using namespace std::chrono_literals;

static std::vector<std::string> log_;

struct How {
  How() = default;
  How(heddle::Delay clean_) : clean(clean_) {}
  How(const char* eat_) : eat(eat_) {}
  How(std::exception_ptr fail_) : fail(std::move(fail_)) {}

  heddle::Delay clean = 0s;
  std::optional<std::string> eat;
  std::exception_ptr fail;
};

static Coro<std::string> work(std::string tag, heddle::Delay t = 5s, How how = {}) {
  std::exception_ptr cancelled;
  try {
    co_await asyncio::sleep(t);
    co_return tag;
  } catch (const heddle::CancelledError& e) {
    cancelled = std::current_exception();
    log_.push_back(tag + " cancelled " + args(e));
  }
  co_await asyncio::sleep(how.clean);
  log_.push_back(tag + " cleaned");
  if (how.fail) std::rethrow_exception(how.fail);
  if (how.eat) co_return *how.eat;
  std::rethrow_exception(cancelled);
}

static Coro<void> both(asyncio::Task<std::string> a, asyncio::Task<std::string> b) {
  co_await gather(a, b);
}
static Coro<void> both_kept(asyncio::Task<std::string> a, asyncio::Task<std::string> b) {
  co_await gather(return_exceptions, a, b);
}

static Coro<void> parent_cancelled() {
  auto a = asyncio::create_task(work("a"));
  auto b = asyncio::create_task(work("b", 5s, heddle::Delay(20ms)));
  auto t = asyncio::create_task(both(a, b));
  co_await asyncio::sleep(10ms);
  print(t.cancel("msg"));
  co_await asyncio::wait(parity::list(t));
  print(end(t), end(a), end(b), log_);
  log_.clear();

  a = asyncio::create_task(work("a"));
  b = asyncio::create_task(work("b", 5s, "ate"));
  t = asyncio::create_task(both_kept(a, b));
  co_await asyncio::sleep(10ms);
  t.cancel();
  co_await asyncio::wait(parity::list(t));
  print(end(t), end(a), end(b), log_);
  log_.clear();

  a = asyncio::create_task(work("a", 5s, "one"));
  b = asyncio::create_task(work("b", 5s, "two"));
  t = asyncio::create_task(both(a, b));
  co_await asyncio::sleep(10ms);
  t.cancel();
  co_await asyncio::wait(parity::list(t));
  print(end(t), end(a), end(b), log_);
  log_.clear();

  auto in_cleanup = std::make_exception_ptr(heddle::ValueError("in cleanup"));
  a = asyncio::create_task(work("a", 5s, in_cleanup));
  b = asyncio::create_task(work("b", 5s, heddle::Delay(20ms)));
  t = asyncio::create_task(both(a, b));
  co_await asyncio::sleep(10ms);
  t.cancel();
  co_await asyncio::wait(parity::list(t));
  print(end(t), end(a), end(b), log_);
  co_await asyncio::wait(parity::list(b));
  log_.clear();
}

static Coro<void> gather_or_child_cancelled() {
  auto a = asyncio::create_task(work("a", 0s));
  auto b = asyncio::create_task(work("b"));
  auto f = gather(a, b);
  co_await asyncio::sleep(10ms);
  print(f.cancel("why"), f.cancelled(), f.done());
  try {
    co_await f;
  } catch (const heddle::CancelledError& e) {
    print("CancelledError", args(e), f.cancelled(), end(a), end(b));
  }
  print(f.cancel());
  log_.clear();

  a = asyncio::create_task(work("a"));
  b = asyncio::create_task(work("b", 30ms));
  f = gather(a, b);
  co_await asyncio::sleep(10ms);
  a.cancel("child");
  try {
    co_await f;
  } catch (const heddle::CancelledError& e) {
    print("CancelledError", args(e), f.cancelled(), asyncio::current_task().cancelling(), end(b));
  }
  std::string result = co_await b;
  print(result);
  log_.clear();

  a = asyncio::create_task(work("a"));
  b = asyncio::create_task(work("b", 30ms));
  auto kept = gather(return_exceptions, a, b);
  co_await asyncio::sleep(10ms);
  a.cancel();
  auto [first, second] = co_await kept;
  print(heddle::describe(first.exception()), second.value());
  log_.clear();
}

static Coro<void> nested(std::vector<asyncio::Task<std::string>> ks) {
  co_await gather(gather(ks[0], ks[1]), gather(return_exceptions, ks[2], ks[3]));
}

static Coro<std::string> err() {
  co_await asyncio::sleep(10ms);
  throw heddle::KeyError("k");
}

static Coro<void> async_main() {
  co_await parent_cancelled();
  co_await gather_or_child_cancelled();

  std::vector<asyncio::Task<std::string>> ks;
  for (const char* x : {"a", "b", "c", "d"}) ks.push_back(asyncio::create_task(work(x)));
  auto t = asyncio::create_task(nested(ks));
  co_await asyncio::sleep(10ms);
  t.cancel();
  co_await asyncio::wait(parity::list(t));
  print(end(t), parity::ends(ks), log_);
  log_.clear();

  try {
    co_await asyncio::with(asyncio::timeout(20ms), []() -> Coro<void> {
      co_await gather(work("a"), work("b", 5s, heddle::Delay(10ms)));
    });
  } catch (const heddle::TimeoutError&) {
    print("TimeoutError", log_);
  }
  log_.clear();

  auto b = asyncio::create_task(work("b"));
  auto f = gather(err(), b);
  try {
    co_await f;
  } catch (const heddle::KeyError&) {
    print(std::current_exception(), end(b), f.cancel());
  }
  b.cancel();
  co_await asyncio::wait(parity::list(b));
  print(end(b));
  log_.clear();

  f = gather(work("a"), work("b"));
  f.cancel();
  try {
    co_await f;
  } catch (const heddle::CancelledError&) {
    print("cancelled before the start", log_);
  }

  auto a = asyncio::create_task(work("a"));
  auto twice = gather(return_exceptions, a, a);
  co_await asyncio::sleep(0s);
  a.cancel();
  auto [one, two] = co_await twice;
  print(std::vector{heddle::describe(one.exception()), heddle::describe(two.exception())});

  auto none = co_await gather(std::vector<Coro<int>>());
  auto none_kept = co_await gather(return_exceptions, std::vector<Coro<int>>());
  print(none, std::vector<int>(none_kept.size()));
}

int main() { asyncio::run(async_main()); }
