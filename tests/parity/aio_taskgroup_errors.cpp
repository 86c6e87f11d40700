#include <heddle/asyncio.h>

#include "seed/print.h"

namespace asyncio = heddle::asyncio;
using asyncio::Coro;
using namespace std::chrono_literals;

static std::vector<std::string> cancelled;

static Coro<void> fail(std::string tag, heddle::Delay delay) {
  co_await asyncio::sleep(delay);
  throw heddle::ValueError(tag);
}

static Coro<void> sibling(std::string tag, std::exception_ptr on_cancel = nullptr) {
  try {
    co_await asyncio::sleep(5s);
  } catch (const heddle::CancelledError&) {
    cancelled.push_back(tag);
    if (on_cancel) std::rethrow_exception(on_cancel);
    throw;
  }
}

static Coro<void> async_main() {
  auto body = [](asyncio::TaskGroup& tg) -> Coro<void> {
    tg.create_task(sibling("s1"));
    tg.create_task(sibling("s2", std::make_exception_ptr(heddle::KeyError("late"))));
    tg.create_task(fail("first", 50ms));
    try {
      co_await asyncio::sleep(5s);
    } catch (const heddle::CancelledError&) {
      print("body cancelled");
      throw;
    }
  };
  try {
    co_await asyncio::with(asyncio::TaskGroup(), body);
  } catch (const heddle::ExceptionGroup& eg) {
    print("ExceptionGroup", eg.str(), std::tuple(eg.exceptions()[0], eg.exceptions()[1]));
  }
  std::sort(cancelled.begin(), cancelled.end());
  print("siblings cancelled (order unspecified):", cancelled);
  std::string ok = co_await asyncio::sleep(0s, std::string("ok"));
  print("parent not cancelled:", asyncio::current_task().cancelling(), ok);
}

int main() { asyncio::run(async_main()); }
