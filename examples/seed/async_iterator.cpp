// # Seed program 6 (1 s -> 0.05 s): __aiter__/__anext__/StopAsyncIteration drive async for.
// import asyncio
//
// class AsyncIterator:
//     def __init__(self, n):
//         self.n = n
//         self.i = 0
//     def __aiter__(self):
//         return self
//     async def __anext__(self):
//         if self.i < self.n:
//             self.i += 1
//             await asyncio.sleep(0.05)
//             return self.i
//         else:
//             raise StopAsyncIteration
//
// async def main():
//     async for num in AsyncIterator(3):
//         print(num)
//     print([n * n async for n in AsyncIterator(3)])
//
// asyncio.run(main())

#include <heddle/asyncio.h>

#include "print.h"

namespace asyncio = heddle::asyncio;
using asyncio::Coro;
using namespace std::chrono_literals;

class AsyncIterator {
 public:
  explicit AsyncIterator(int n) : n_(n) {}
  Coro<int> anext() {
    if (i_ == n_) throw heddle::StopAsyncIteration();
    ++i_;
    co_await asyncio::sleep(50ms);
    co_return i_;
  }

 private:
  int n_;
  int i_ = 0;
};

static Coro<void> async_main() {
  AsyncIterator numbers(3);
  while (auto num = co_await asyncio::next(numbers)) print(*num);
  auto squares = co_await asyncio::collect(AsyncIterator(3), [](int n) { return n * n; });
  print(squares);
}

int main() { asyncio::run(async_main()); }
