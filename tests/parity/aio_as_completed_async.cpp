#include <heddle/asyncio.h>

#include "outcome.h"

namespace asyncio = heddle::asyncio;
using asyncio::Coro;
using asyncio::TaskOptions;
using namespace std::chrono_literals;

template <class T>
static Coro<T> work(heddle::Delay t, T r) {
  co_await asyncio::sleep(t);
  co_return r;
}

static Coro<std::string> err(heddle::Delay t, heddle::ValueError e) {
  co_await asyncio::sleep(t);
  throw e;
}

static Coro<void> async_main() {
  auto a = asyncio::create_task(work(40ms, std::string("a")), TaskOptions().name("A"));
  auto b = asyncio::create_task(work(20ms, std::string("b")), TaskOptions().name("B"));
  auto both = asyncio::as_completed(std::vector{a, b});
  while (auto t = co_await asyncio::next(both)) {
    print(t->get_name(), *t == a, t->done(), t->result());
  }
  auto c = asyncio::create_task(err(10ms, heddle::ValueError("v")), TaskOptions().name("C"));
  auto done = asyncio::as_completed(std::vector{c, a});
  while (auto t = co_await asyncio::next(done)) {
    if (t->exception()) {
      print(t->get_name(), t->exception());
    } else {
      print(t->get_name(), "None");
    }
  }
  auto slow = asyncio::create_task(work(100ms, std::string("slow")), TaskOptions().name("S"));
  auto bounded = asyncio::as_completed(std::vector{slow, b}, 20ms);
  try {
    while (auto t = co_await asyncio::next(bounded)) print(t->get_name());
  } catch (const heddle::TimeoutError&) {
    print("TimeoutError", slow.done());
  }
  std::string result = co_await slow;
  print(result);
  int n = 0;
  std::vector<Coro<int>> numbers;
  numbers.push_back(work(0s, 1));
  numbers.push_back(work(0s, 2));
  auto tasks = asyncio::as_completed(std::move(numbers));
  while (auto t = co_await asyncio::next(tasks)) n += co_await *t;
  print(n);
}

int main() { asyncio::run(async_main()); }
