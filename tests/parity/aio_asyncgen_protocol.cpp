#include <heddle/asyncio.h>

#include "seed/print.h"

namespace asyncio = heddle::asyncio;
using asyncio::Coro;
using namespace std::chrono_literals;

using asyncio::AsyncGenerator;

constexpr int stop = -1;

static AsyncGenerator<int, int> gen() {
  int total = 0;
  while (true) {
    std::optional<int> got;
    try {
      got = co_yield total;
    } catch (const heddle::ValueError&) {
      got = -100;
    }
    co_await asyncio::sleep(0s);
    if (got == stop) co_return;
    total += got.value_or(1);
  }
}

static AsyncGenerator<int> count(int n) {
  for (int k = 0; k < n; ++k) {
    co_await asyncio::sleep(0s);
    co_yield k;
  }
}

static Coro<void> async_main() {
  auto g = gen();
  int a = co_await g.anext();
  int b = co_await g.asend(10);
  int c = co_await g.asend(std::nullopt);
  int d = co_await g.athrow(heddle::ValueError(""));
  print(a, b, c, d);
  try {
    co_await g.asend(stop);
  } catch (const heddle::StopAsyncIteration&) {
    print("StopAsyncIteration");
  }
  try {
    co_await g.anext();
  } catch (const heddle::StopAsyncIteration&) {
    print("StopAsyncIteration");
  }
  auto fresh = gen();
  try {
    co_await fresh.asend(1);
  } catch (const heddle::TypeError& e) {
    print("TypeError:", e);
  }
  auto list = co_await asyncio::collect(count(3));
  std::string dict;
  auto numbers = count(3);
  while (auto k = co_await numbers.next()) {
    if (*k != 0)
      dict += (dict.empty() ? "" : ", ") + std::to_string(*k) + ": " + std::to_string(*k * *k);
  }
  auto empty = count(0);
  auto none = co_await empty.next();
  print(list, "{" + dict + "}", none ? "value" : "default");
}

int main() { asyncio::run(async_main()); }
