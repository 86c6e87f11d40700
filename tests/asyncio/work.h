// The coroutines that the tests of asyncio share.
#pragma once

#include <heddle/asyncio.h>
#include <heddle/testing.h>
#include <heddle/testing/async_test.h>

#include <string>
#include <vector>

namespace asyncio = heddle::asyncio;
namespace testing = heddle::testing;
using asyncio::Coro;
using heddle::CancelledError;
using namespace std::chrono_literals;

struct WorkPlan {
  heddle::Delay delay = 5s;
  heddle::Delay cleanup = 0s;
  const char* eats = nullptr;  // returned in place of being cancelled
};

// Sleeps, then returns "r". When cancelled: cleans up, then returns what it eats, or rethrows.
inline Coro<std::string> work(WorkPlan plan = {}) {
  std::exception_ptr cancelled;
  try {
    co_await asyncio::sleep(plan.delay);
    co_return "r";
  } catch (const CancelledError&) {
    cancelled = std::current_exception();
  }
  co_await asyncio::sleep(plan.cleanup);
  if (plan.eats != nullptr) co_return plan.eats;
  std::rethrow_exception(cancelled);
}

inline Coro<std::string> fail(heddle::Delay delay = 0s, std::string text = "boom") {
  co_await asyncio::sleep(delay);
  throw heddle::ValueError(text);
}

// Waits until the future is done, whatever its outcome.
inline Coro<void> until_done(asyncio::AnyFuture future) {
  while (!future.done()) co_await asyncio::sleep(1ms);
}

// How a future ended, as text.
inline std::string outcome(const asyncio::Future<std::string>& future) {
  if (!future.done()) return "pending";
  if (future.cancelled()) return "cancelled";
  if (auto exception = future.exception()) return heddle::repr(exception);
  return future.result();
}

// Runs the coroutine and gives how it ended, as text.
template <class A>
Coro<std::string> ending(A awaitable) {
  try {
    if constexpr (std::is_same_v<asyncio::detail::AwaitResult<A&>, std::string>) {
      co_return co_await awaitable;
    } else {
      co_await awaitable;
      co_return "ended";
    }
  } catch (const CancelledError& error) {
    co_return std::string("cancelled") +
        (error.message()[0] != 0 ? std::string(": ") + error.message() : "");
  } catch (...) {
    co_return heddle::repr(std::current_exception());
  }
}

using Log = std::vector<std::string>;
