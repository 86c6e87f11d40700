#include <heddle/asyncio.h>

#include "seed/print.h"

namespace asyncio = heddle::asyncio;
using asyncio::Coro;
using namespace std::chrono_literals;

static std::vector<std::tuple<std::string, bool>> log_;

static Coro<void> waiter(asyncio::Condition& cv, std::string tag) {
  auto held = co_await cv.hold();
  bool notified = co_await cv.wait();
  log_.emplace_back(tag, notified);
}

static int n = 0;

static Coro<void> inc(asyncio::Condition& cv) {
  for (int i = 0; i < 3; ++i) {
    {
      auto held = co_await cv.hold();
      ++n;
      cv.notify_all();
    }
    co_await asyncio::sleep(20ms);
  }
}

static Coro<void> async_main() {
  asyncio::Condition cv;
  try {
    cv.notify();
  } catch (const heddle::RuntimeError& e) {
    print("RuntimeError:", e);
  }
  try {
    co_await cv.wait();
  } catch (const heddle::RuntimeError& e) {
    print("RuntimeError:", e);
  }
  std::vector<asyncio::Task<void>> ts;
  for (const char* t : {"a", "b", "c", "d"}) ts.push_back(asyncio::create_task(waiter(cv, t)));
  co_await asyncio::sleep(20ms);
  auto notify_two = [&](auto&&...) -> Coro<void> {
    cv.notify(2);
    co_await asyncio::sleep(20ms);
    print("waiters need the lock back:", log_);
  };
  co_await asyncio::with(cv, notify_two);
  co_await asyncio::sleep(20ms);
  print(log_);
  auto notify_all = [&]() -> Coro<void> {
    cv.notify_all();
    co_return;
  };
  co_await asyncio::with(cv, notify_all);
  co_await asyncio::wait(ts);
  print(std::vector(log_.begin() + 2, log_.end()));
  auto t = asyncio::create_task(inc(cv));
  auto wait_for_three = [&]() -> Coro<void> {
    auto three = [] { return n == 3 ? "three" : nullptr; };
    const char* result = co_await cv.wait_for(three);
    print("wait_for:", result);
  };
  co_await asyncio::with(cv, wait_for_three);
  co_await t;
}

int main() { asyncio::run(async_main()); }
