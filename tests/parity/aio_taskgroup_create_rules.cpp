#include <heddle/asyncio.h>

#include "seed/print.h"

namespace asyncio = heddle::asyncio;
using asyncio::Coro;
using namespace std::chrono_literals;

static void refused(asyncio::TaskGroup& group) {
  auto c = asyncio::sleep(0s);
  try {
    group.create_task(std::move(c));
  } catch (const heddle::RuntimeError& e) {
    std::string text = e.what();
    print("RuntimeError:", text.substr(text.find("> ") + 2));
  }
}

static Coro<std::string> adds(asyncio::TaskGroup& tg) {
  co_return co_await tg.create_task(asyncio::sleep(20ms, std::string("added while exiting")));
}

static Coro<void> late(asyncio::TaskGroup& group) {
  try {
    co_await asyncio::sleep(5s);
  } catch (const heddle::CancelledError&) {
    refused(group);
    throw;
  }
}

static Coro<void> async_main() {
  asyncio::TaskGroup tg;
  refused(tg);
  std::vector<asyncio::Task<std::string>> t;
  auto body = [&]() -> Coro<void> {
    t.push_back(tg.create_task(adds(tg)));
    co_return;
  };
  co_await asyncio::with(tg, body);
  print(t[0].result());
  refused(tg);
  auto aborts = [](asyncio::TaskGroup& g) -> Coro<void> {
    g.create_task(late(g));
    co_await asyncio::sleep(0s);
    throw heddle::ValueError("abort");
  };
  try {
    co_await asyncio::with(asyncio::TaskGroup(), aborts);
  } catch (const heddle::ExceptionGroup&) {
    print("aborted");
  }
}

int main() { asyncio::run(async_main()); }
