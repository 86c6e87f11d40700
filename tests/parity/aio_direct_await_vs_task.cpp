#include <heddle/asyncio.h>

#include "seed/print.h"

namespace asyncio = heddle::asyncio;
using asyncio::Coro;
using namespace std::chrono_literals;

static Coro<std::string> child(std::string tag) {
  print(tag, "starts in", asyncio::current_task().get_name());
  co_await asyncio::sleep(0s);
  print(tag, "ends");
  co_return tag;
}

static Coro<void> async_main() {
  asyncio::current_task().set_name("main");
  auto t = asyncio::create_task(child("task"), asyncio::TaskOptions().name("T1"));
  print("task created, not started");
  std::string text = co_await child("direct");
  print("await returned", text);
  print("task done:", t.done());
  text = co_await t;
  print("await returned", text);
  text = co_await t;
  print("awaiting a finished task does not suspend:", text);
}

int main() { asyncio::run(async_main()); }
