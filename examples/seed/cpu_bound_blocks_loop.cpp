// # Seed claim: CPU-bound code starves the loop; a thread or a process pool keeps it responsive.
// import asyncio, time
// from concurrent.futures import ProcessPoolExecutor
//
// def busy(seconds):
//     end = time.perf_counter() + seconds
//     while time.perf_counter() < end:
//         pass
//     return "done"
//
// async def measure(start):
//     ticks = 0
//     work = asyncio.ensure_future(start())
//     while not work.done():
//         await asyncio.sleep(0.02)
//         ticks += 1
//     return work.result(), "starved" if ticks <= 1 else "responsive"
//
// async def main():
//     async def inline(): return busy(0.3)
//     print("inline :", *await measure(inline))
//     print("thread :", *await measure(lambda: asyncio.to_thread(busy, 0.3)))
//     with ProcessPoolExecutor(1) as pool:
//         loop = asyncio.get_running_loop()
//         print("process:", *await measure(lambda: loop.run_in_executor(pool, busy, 0.3)))
//
// if __name__ == "__main__":
//     asyncio.run(main())

#include <heddle/asyncio.h>
#include <heddle/futures.h>
#include <heddle/multiprocessing.h>

#include "print.h"

namespace asyncio = heddle::asyncio;
using asyncio::Coro;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

static std::string busy(double seconds) {
  auto end = Clock::now() + std::chrono::duration<double>(seconds);
  while (Clock::now() < end) {
  }
  return "done";
}

static Coro<std::string> inline_busy() { co_return busy(0.3); }

static Coro<void> measure(const char* label, asyncio::Future<std::string> work) {
  int ticks = 0;
  while (!work.done()) {
    co_await asyncio::sleep(20ms);
    ++ticks;
  }
  print(label, work.result(), ticks <= 1 ? "starved" : "responsive");
}

static Coro<void> async_main() {
  co_await measure("inline :", asyncio::ensure_future(inline_busy()));
  co_await measure("thread :", asyncio::to_thread(busy, 0.3));
  heddle::futures::ProcessPoolExecutor pool(1);
  co_await measure("process:", asyncio::get_running_loop().run_in_executor(pool, busy, 0.3));
}

int main(int argc, char** argv) {
  heddle::multiprocessing::init(argc, argv);
  asyncio::run(async_main());
}
