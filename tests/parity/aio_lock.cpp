#include <heddle/asyncio.h>

#include "seed/print.h"

namespace asyncio = heddle::asyncio;
using asyncio::Coro;
using namespace std::chrono_literals;

static std::vector<std::string> log_;

static Coro<void> user(asyncio::Lock& lock, std::string tag, heddle::Delay hold = 20ms) {
  auto held = co_await lock.hold();
  log_.push_back(tag);
  co_await asyncio::sleep(hold);
}

static Coro<void> async_main() {
  asyncio::Lock lock;
  std::vector<asyncio::Task<void>> ts;
  for (const char* t : {"a", "b", "c", "d"})
    ts.push_back(asyncio::create_task(user(lock, t), asyncio::TaskOptions().name(t)));
  co_await asyncio::sleep(0s);
  print(lock.locked());
  ts[2].cancel();
  co_await asyncio::wait(ts);
  print(log_, ts[2].cancelled(), lock.locked());
  log_.clear();
  // the woken waiter is cancelled in the same iteration: the next one must get the lock
  co_await lock.acquire();
  auto b = asyncio::create_task(user(lock, "b"));
  auto c = asyncio::create_task(user(lock, "c"));
  co_await asyncio::sleep(0s);
  lock.release();
  b.cancel();
  std::vector<asyncio::Task<void>> both{b, c};
  co_await asyncio::wait(both);
  print(log_, b.cancelled());
  log_.clear();
  // no barging: release then acquire at once goes behind the waiter
  co_await lock.acquire();
  auto w = asyncio::create_task(user(lock, "waiter"));
  co_await asyncio::sleep(0s);
  lock.release();
  co_await user(lock, "barger");
  co_await w;
  print(log_);
  try {
    lock.release();
  } catch (const heddle::RuntimeError& e) {
    print("RuntimeError:", e);
  }
}

int main() { asyncio::run(async_main()); }
