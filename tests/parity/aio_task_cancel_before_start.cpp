#include <heddle/asyncio.h>

#include "seed/print.h"

namespace asyncio = heddle::asyncio;
using asyncio::Coro;
using namespace std::chrono_literals;

static Coro<std::string> body(std::string tag) {
  print(tag, "body ran");
  co_return tag;
}

static Coro<std::string> cancel_self() {
  asyncio::current_task().cancel();
  print("still running after cancelling myself");
  co_return "value is lost";
}

static Coro<std::string> cancel_self_then_await() {
  asyncio::current_task().cancel();
  try {
    co_await asyncio::sleep(0s);
  } catch (const heddle::CancelledError&) {
    print("raised at the first await");
  }
  co_return "survived";
}

static Coro<void> async_main() {
  auto t = asyncio::create_task(body("never"));
  t.cancel();
  std::vector<asyncio::Task<std::string>> tasks{t, asyncio::create_task(cancel_self()),
                                                asyncio::create_task(cancel_self_then_await())};
  for (auto& task : tasks) {
    try {
      std::string result = co_await task;
      print("result:", result);
    } catch (const heddle::CancelledError&) {
      print("CancelledError, cancelled:", task.cancelled());
    }
  }
}

int main() { asyncio::run(async_main()); }
