#include <heddle/asyncio.h>

#include <algorithm>

#include "seed/print.h"

namespace asyncio = heddle::asyncio;
using asyncio::Coro;
using namespace std::chrono_literals;

using Tasks = std::vector<asyncio::Task<std::string>>;

static Coro<std::string> work(std::string tag, heddle::Delay delay, bool fail = false) {
  co_await asyncio::sleep(delay);
  if (fail) throw heddle::ValueError(tag);
  co_return tag;
}

static std::vector<std::string> names(const Tasks& ts) {
  std::vector<std::string> result;
  for (const auto& t : ts) result.push_back(t.get_name());
  std::sort(result.begin(), result.end());
  return result;
}

static asyncio::Task<std::string> named(const char* t, heddle::Delay d, bool f) {
  return asyncio::create_task(work(t, d, f), asyncio::TaskOptions().name(t));
}
static Tasks spawn() {
  return {named("a", 300ms, false), named("b", 100ms, false), named("c", 200ms, true)};
}

static void retrieve(const Tasks& ts) {
  for (const auto& t : ts) t.exception();
}

static Coro<void> async_main() {
  for (auto [mode, name] : {std::pair(asyncio::FIRST_COMPLETED, "FIRST_COMPLETED"),
                            std::pair(asyncio::FIRST_EXCEPTION, "FIRST_EXCEPTION"),
                            std::pair(asyncio::ALL_COMPLETED, "ALL_COMPLETED")}) {
    Tasks ts = spawn();
    auto [done, pending] = co_await asyncio::wait(ts, {.return_when = mode});
    print(name, names(done), names(pending));
    if (!pending.empty()) co_await asyncio::wait(pending);
    retrieve(ts);
  }
  Tasks ts = spawn();
  auto [done, pending] = co_await asyncio::wait(ts, {.timeout = 150ms});
  std::vector<bool> flags;
  std::string cancelled;
  for (const auto& t : pending)
    cancelled += (cancelled.empty() ? "" : ", ") + parity::str(t.cancelled());
  print("timeout", names(done), names(pending), "[" + cancelled + "]");
  co_await asyncio::wait(ts);
  retrieve(ts);
  try {
    co_await asyncio::wait(Tasks());
  } catch (const heddle::ValueError&) {
    print("ValueError");
  }
  // A coroutine in place of a task does not compile: a TypeError at an earlier time.
  print("TypeError");
}

int main() { asyncio::run(async_main()); }
