#include <heddle/asyncio.h>

#include "seed/print.h"

namespace asyncio = heddle::asyncio;
using asyncio::Coro;
using namespace std::chrono_literals;

static std::vector<std::string> log_;

static Coro<std::string> work(std::string tag, heddle::Delay delay, bool fail = false) {
  co_await asyncio::sleep(delay);
  log_.push_back(tag);
  if (fail) throw heddle::ValueError(tag);
  co_return tag;
}

static Coro<void> async_main() {
  try {
    co_await asyncio::gather(work("a", 50ms, true), work("b", 100ms), work("c", 150ms, true));
  } catch (const heddle::ValueError& e) {
    print("raised", e, log_);
  }
  co_await asyncio::sleep(200ms);
  print("the others were not cancelled:", log_);
  auto [d, e] =
      co_await asyncio::gather(asyncio::return_exceptions, work("d", 100ms, true), work("e", 50ms));
  print("[" + heddle::repr(d.exception()) + ", '" + e.value() + "']");
  auto t = asyncio::create_task(work("f", 20ms));
  auto [f1, f2, g] = co_await asyncio::gather(t, t, asyncio::sleep(0s, std::string("g")));
  print(std::vector{f1, f2, g}, std::count(log_.begin(), log_.end(), "f"));
  auto none = co_await asyncio::gather(std::vector<Coro<int>>());
  print("empty:", none);
}

int main() { asyncio::run(async_main()); }
