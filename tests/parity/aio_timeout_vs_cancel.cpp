#include <heddle/asyncio.h>

#include <thread>

#include "outcome.h"

namespace asyncio = heddle::asyncio;
using asyncio::Coro;
using asyncio::create_task;
using asyncio::sleep;
using asyncio::Timeout;
using asyncio::timeout;
using asyncio::wait;
using asyncio::with;
using std::vector;
using namespace std::chrono_literals;

using Log = vector<std::tuple<std::string, bool, std::uint32_t>>;

static Coro<void> f(heddle::Delay limit, heddle::Delay clean = 0s, Log* log = nullptr) {
  co_await with(timeout(limit), [&](Timeout& t) -> Coro<void> {
    std::exception_ptr failure;
    try {
      co_await sleep(5s);
    } catch (...) {
      failure = std::current_exception();
    }
    if (log != nullptr) {
      log->emplace_back("expired", t.expired(), asyncio::current_task().cancelling());
    }
    co_await sleep(clean);
    if (failure) std::rethrow_exception(failure);
  });
}

static Coro<void> both(bool first) {
  auto me = asyncio::current_task();
  co_await with(timeout(10ms), [&](Timeout& t) -> Coro<void> {
    asyncio::get_running_loop().call_at(*t.when() + (first ? -1 : 1),
                                        [me]() mutable { me.cancel(); });
    std::this_thread::sleep_for(20ms);
    co_await sleep(5s);
  });
}

static Coro<void> one_or_both() {
  auto a = create_task(f(20ms));
  auto b = create_task(f(5s));
  co_await sleep(10ms);
  b.cancel("out");
  co_await wait(parity::list(a, b));
  print(end(a), end(b), a.cancelling(), b.cancelling());
  Log log;
  a = create_task(f(10ms, 50ms, &log));
  co_await sleep(30ms);
  a.cancel();
  co_await wait(parity::list(a));
  print(end(a), a.cancelling(), log);
  log.clear();
  a = create_task(f(30ms, 50ms, &log));
  co_await sleep(10ms);
  a.cancel();
  co_await wait(parity::list(a));
  print(end(a), a.cancelling(), log);
  for (bool first : {true, false}) {
    a = create_task(both(first));
    co_await wait(parity::list(a));
    print(end(a), a.cancelling());
  }
}

using Seen = std::tuple<std::string, bool, bool>;

static Coro<Seen> nested(heddle::Delay o, heddle::Delay i) {
  Timeout outer = timeout(o);
  std::optional<Timeout> inner;
  try {
    co_return co_await with(outer, [&](Timeout&) -> Coro<Seen> {
      inner.emplace(timeout(i));
      try {
        co_await with(*inner, [](Timeout&) -> Coro<void> { co_await sleep(5s); });
      } catch (const heddle::TimeoutError&) {
        co_return Seen("inner", outer.expired(), inner->expired());
      } catch (const heddle::CancelledError&) {
        print("inner saw CancelledError", outer.expired(), inner->expired());
        throw;
      }
      co_return Seen("none", false, false);
    });
  } catch (const heddle::TimeoutError&) {
    co_return Seen("outer", outer.expired(), inner->expired());
  }
}

static Coro<void> nested_and_past() {
  Seen one = co_await nested(10ms, 100ms);
  Seen two = co_await nested(100ms, 10ms);
  print(one, two);
  auto a = create_task(nested(5s, 5s));
  co_await sleep(10ms);
  a.cancel();
  co_await wait(parity::list(a));
  print(end(a));
  for (heddle::Delay limit : {heddle::Delay(0s), heddle::Delay(-1s)}) {
    Timeout t = timeout(limit);
    try {
      co_await with(t, [](Timeout&) -> Coro<void> {
        print("begins");
        co_await sleep(0s);
        print("not reached");
      });
    } catch (const heddle::TimeoutError&) {
      print("TimeoutError", t.expired(), asyncio::current_task().cancelling());
    }
  }
  co_await with(timeout(0s), [](Timeout&) -> Coro<void> { co_return; });
  print("no await, no timeout");
  co_await with(timeout(std::nullopt), [](Timeout& t) -> Coro<void> {
    co_await sleep(10ms);
    print(t.when(), t.expired());
  });
}

static Coro<void> late() {
  asyncio::current_task().cancel();
  co_await with(timeout(0s), [](Timeout&) -> Coro<void> { co_await sleep(5s); });
}

using Counted = std::tuple<std::string, std::uint32_t>;
static Coro<Counted> counted() {
  try {
    co_await sleep(5s);
  } catch (const heddle::CancelledError&) {
    // an older request
  }
  try {
    co_await with(timeout(10ms), [](Timeout&) -> Coro<void> { co_await sleep(5s); });
  } catch (const heddle::TimeoutError&) {
    co_return Counted("TimeoutError in spite of an older request",
                      asyncio::current_task().cancelling());
  }
  co_return Counted("no TimeoutError", 0);
}

static Coro<void> reschedules() {
  asyncio::EventLoop loop = asyncio::get_running_loop();
  Timeout t = timeout(10ms);
  co_await with(t, [&](Timeout&) -> Coro<void> {
    t.reschedule(loop.time() + 50'000'000);
    co_await sleep(20ms);
    print("still here", t.expired());
    t.reschedule(std::nullopt);
    co_await sleep(50ms);
    print("and here", t.when());
  });
  try {
    t.reschedule(1);
  } catch (const heddle::RuntimeError& e) {
    std::string text = e.what();
    print(text.substr(0, text.find(':')));
  }
  try {
    co_await with(timeout(5s), [&](Timeout& late) -> Coro<void> {
      late.reschedule(loop.time() - 1'000'000'000);
      co_await sleep(0s);
      print("not reached");
    });
  } catch (const heddle::TimeoutError&) {
    print("rescheduled into the past");
  }
}

template <class A>
static Coro<void> w(A x) {
  co_await asyncio::wait_for(std::move(x), 20ms);
}

static Coro<std::string> stubborn() {
  try {
    co_await sleep(5s);
  } catch (const heddle::CancelledError&) {
    // goes on below
  }
  co_await sleep(30ms);
  co_return "stubborn";
}

static Coro<void> async_main() {
  co_await one_or_both();
  co_await nested_and_past();
  auto a = create_task(late());
  co_await wait(parity::list(a));
  print(end(a), a.cancelling());
  auto c = create_task(counted());
  co_await sleep(0s);
  c.cancel();
  Counted result = co_await c;
  print(result, c.cancelling());
  co_await reschedules();

  auto inner = create_task(sleep(5s));
  a = create_task(w(inner));
  co_await sleep(10ms);
  a.cancel();
  co_await wait(parity::list(a));
  print(end(a), end(inner));
  a = create_task(w(stubborn()));
  co_await sleep(10ms);
  a.cancel();
  co_await wait(parity::list(a));
  print(end(a), a.cancelling());

  Timeout t = timeout(5s);
  try {
    co_await with(t, [](Timeout&) -> Coro<void> {
      if (true) throw heddle::TimeoutError("own");
      co_return;
    });
  } catch (const heddle::TimeoutError&) {
    print(std::current_exception(), t.expired());
  }
  try {
    co_await with(asyncio::timeout_at(asyncio::get_running_loop().time() + 10'000'000),
                  [](Timeout&) -> Coro<void> { co_await sleep(5s); });
  } catch (const heddle::TimeoutError&) {
    print("timeout_at");
  }
}

int main() { asyncio::run(async_main()); }
