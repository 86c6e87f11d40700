// # Seed program 2: calling an async function runs nothing; a coroutine runs at most once.
// import asyncio
//
// async def say_hello():
//     print("Hello, world!")
//     return 7
//
// result = say_hello()
// print(type(result).__name__, "created")
// print(asyncio.run(say_hello()))
// print(asyncio.run(result))
// try:
//     asyncio.run(result)
// except RuntimeError as e:
//     print("RuntimeError:", e)

#include <heddle/asyncio.h>

#include "print.h"

namespace asyncio = heddle::asyncio;
using asyncio::Coro;
using namespace std::chrono_literals;

static Coro<int> say_hello() {
  print("Hello, world!");
  co_return 7;
}

int main() {
  Coro<int> result = say_hello();
  print("coroutine", "created");
  print(asyncio::run(say_hello()));
  print(asyncio::run(result));
  try {
    asyncio::run(result);
  } catch (const heddle::RuntimeError& e) {
    print("RuntimeError:", e);
  }
}
