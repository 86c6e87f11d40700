#include <heddle/asyncio.h>

#include "seed/print.h"

namespace asyncio = heddle::asyncio;
using asyncio::Coro;
using namespace std::chrono_literals;

struct Plan {
  heddle::Delay delay;
  heddle::Delay cleanup = 0s;
  const char* suppress = nullptr;
  const char* error = nullptr;
};

static Coro<std::string> work(Plan plan) {
  std::exception_ptr cancelled;
  try {
    co_await asyncio::sleep(plan.delay);
    co_return "result";
  } catch (const heddle::CancelledError&) {
    cancelled = std::current_exception();
  }
  co_await asyncio::sleep(plan.cleanup);
  print("  cleaned up");
  if (plan.error != nullptr) throw heddle::KeyError(plan.error);
  if (plan.suppress != nullptr) co_return plan.suppress;
  std::rethrow_exception(cancelled);
}

template <class A, class Limit>
static Coro<void> show(std::string label, A aw, Limit timeout) {
  try {
    std::string result = co_await asyncio::wait_for(std::move(aw), timeout);
    print(label, result);
  } catch (const std::exception&) {
    print(label, heddle::repr(std::current_exception()));
  }
}

static Coro<void> async_main() {
  co_await show("in time:", work({20ms}), 1s);
  co_await show("no limit:", work({20ms}), std::nullopt);
  co_await show("late, slow cleanup:", work({5s, 100ms}), 50ms);
  co_await show("suppressed:", work({5s, 0s, "own value"}), 50ms);
  co_await show("own error:", work({5s, 0s, nullptr, "k"}), 50ms);
  co_await show("zero timeout, not started:", work({0s}), 0s);
  auto f = asyncio::create_future<std::string>();
  f.set_result("ready");
  co_await show("zero timeout, done:", f, 0s);
  auto t = asyncio::create_task(work({5s}));
  auto w = asyncio::create_task(asyncio::wait_for(t, 5s));
  co_await asyncio::sleep(20ms);
  w.cancel();
  try {
    co_await w;
  } catch (const heddle::CancelledError&) {
    // looked at below
  }
  print("outer cancel:", w.cancelled(), t.cancelled());
}

int main() { asyncio::run(async_main()); }
