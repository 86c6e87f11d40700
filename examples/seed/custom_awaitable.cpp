// # Seed claim: any object with __await__ can be awaited; so can coroutines, tasks and futures.
// import asyncio
//
// class Ready:
//     def __init__(self, value): self.value = value
//     def __await__(self):
//         yield from asyncio.sleep(0).__await__()
//         return self.value
//
// async def coro(): return "coroutine"
//
// async def main():
//     fut = asyncio.get_running_loop().create_future()
//     fut.set_result("future")
//     for aw in (Ready("custom"), coro(), asyncio.create_task(coro()), fut):
//         print(await aw)
//     print(await asyncio.gather(Ready(1), Ready(2)))
//     try:
//         await 42
//     except TypeError:
//         print("TypeError: not awaitable")
//
// asyncio.run(main())

#include <heddle/asyncio.h>

#include "print.h"

namespace asyncio = heddle::asyncio;
using asyncio::Coro;
using namespace std::chrono_literals;

template <class T>
struct Ready {
  T value;
  Coro<T> operator co_await() const {
    co_await asyncio::sleep(0s);
    co_return value;
  }
};

static Coro<std::string> coro() { co_return "coroutine"; }

static Coro<void> async_main() {
  auto fut = asyncio::create_future<std::string>();
  fut.set_result("future");
  Ready<std::string> custom{"custom"};
  std::string text = co_await custom;
  print(text);
  text = co_await coro();
  print(text);
  text = co_await asyncio::create_task(coro());
  print(text);
  text = co_await fut;
  print(text);
  auto [one, two] = co_await asyncio::gather(Ready<int>{1}, Ready<int>{2});
  print(std::vector{one, two});
  // Python finds out when it runs, the compiler before.
  if constexpr (!asyncio::Awaitable<int>) print("TypeError: not awaitable");
}

int main() { asyncio::run(async_main()); }
