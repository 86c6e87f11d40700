// # Seed program 3 (1 s -> 0.1 s): await sleep suspends for at least the asked time.
// import asyncio, time
//
// async def delayed_hello():
//     print("Start waiting...")
//     await asyncio.sleep(2 * 0.1)
//     print("Hello after 2 seconds!")
//
// t0 = time.monotonic()
// asyncio.run(delayed_hello())
// print("slept long enough:", time.monotonic() - t0 >= 0.2)

#include <heddle/asyncio.h>

#include "print.h"

namespace asyncio = heddle::asyncio;
using asyncio::Coro;
using namespace std::chrono_literals;

static Coro<void> delayed_hello() {
  print("Start waiting...");
  co_await asyncio::sleep(2 * 100ms);
  print("Hello after 2 seconds!");
}

int main() {
  auto t0 = std::chrono::steady_clock::now();
  asyncio::run(delayed_hello());
  print("slept long enough:", std::chrono::steady_clock::now() - t0 >= 200ms);
}
