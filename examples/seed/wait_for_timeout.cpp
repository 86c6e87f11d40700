// # Seed program 5 (1 s -> 0.1 s): wait_for raises TimeoutError.
// import asyncio
//
// async def slow_task():
//     await asyncio.sleep(5 * 0.1)
//     return "Completed"
//
// async def main():
//     try:
//         result = await asyncio.wait_for(slow_task(), timeout=2 * 0.1)
//         print(result)
//     except asyncio.TimeoutError:
//         print("Task timed out!")
//     print(asyncio.TimeoutError is TimeoutError)
//
// asyncio.run(main())

#include <heddle/asyncio.h>

#include "print.h"

namespace asyncio = heddle::asyncio;
using asyncio::Coro;
using namespace std::chrono_literals;

static Coro<std::string> slow_task() {
  co_await asyncio::sleep(5 * 100ms);
  co_return "Completed";
}

static Coro<void> async_main() {
  try {
    std::string result = co_await asyncio::wait_for(slow_task(), 2 * 100ms);
    print(result);
  } catch (const heddle::TimeoutError&) {
    print("Task timed out!");
  }
  print(true);  // asyncio has no TimeoutError of its own
}

int main() { asyncio::run(async_main()); }
