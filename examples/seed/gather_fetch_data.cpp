// # Seed program 4 (1 s -> 0.1 s): gather runs both at once and keeps argument order.
// import asyncio, time
//
// async def fetch_data(delay, name):
//     await asyncio.sleep(delay * 0.1)
//     print(f"{name} finished after {delay} seconds")
//     return f"{name} result"
//
// async def main():
//     t0 = time.monotonic()
//     results = await asyncio.gather(
//         fetch_data(2, "Task A"),
//         fetch_data(3, "Task B"))
//     print(results)
//     print("concurrent:", time.monotonic() - t0 < 0.45)
//
// asyncio.run(main())

#include <heddle/asyncio.h>

#include "print.h"

namespace asyncio = heddle::asyncio;
using asyncio::Coro;
using namespace std::chrono_literals;

static Coro<std::string> fetch_data(int delay, std::string name) {
  co_await asyncio::sleep(delay * 100ms);
  print(name + " finished after " + std::to_string(delay) + " seconds");
  co_return name + " result";
}

static Coro<void> async_main() {
  auto t0 = std::chrono::steady_clock::now();
  auto [a, b] = co_await asyncio::gather(fetch_data(2, "Task A"), fetch_data(3, "Task B"));
  print(std::vector{a, b});
  print("concurrent:", std::chrono::steady_clock::now() - t0 < 450ms);
}

int main() { asyncio::run(async_main()); }
