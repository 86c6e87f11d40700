#include <heddle/futures.h>
#include <heddle/threading.h>

#include <numeric>
#include <thread>

#include "seed/print.h"

namespace futures = heddle::futures;
namespace threading = heddle::threading;
using namespace std::chrono_literals;

static std::vector<int> range(int n) {
  std::vector<int> numbers(static_cast<std::size_t>(n));
  std::iota(numbers.begin(), numbers.end(), 0);
  return numbers;
}

template <class R>
static std::vector<int> list(R&& results) {
  std::vector<int> all;
  for (int n : results) all.push_back(n);
  return all;
}

static int power(int base, int exponent) {
  int result = 1;
  while (exponent-- > 0) result *= base;
  return result;
}

int main() {
  std::vector<int> calls;
  threading::Lock lock;
  auto slow_first = [&](int n) {
    if (n == 0) std::this_thread::sleep_for(200ms);
    std::lock_guard held(lock);
    calls.push_back(n);
    return n * 10;
  };
  {
    threading::Event go;
    futures::ThreadPoolExecutor ex(2);
    auto results = list(ex.map(slow_first, range(4)));
    print(results, "began out of order:", calls[0] != 0);
    print(list(ex.map(power, std::vector{2, 3, 4}, std::vector{5, 2})),
          list(ex.map([](int n) { return n; }, std::vector<int>())));
    auto fails = [](int n) {
      if (n == 2) throw heddle::KeyError(parity::str(n));
      return n;
    };
    auto failing = ex.map(fails, range(5));
    std::vector<int> got;
    try {
      for (int n : failing) got.push_back(n);
    } catch (const heddle::KeyError& e) {
      print("KeyError:", e, got, "left:", list(failing));
    }
    auto late = ex.map([&](int n) { return n == 0 || go.wait(); }, range(3), {.timeout = 200ms});
    auto at = late.begin();
    print(*at);
    ++at;
    try {
      static_cast<void>(*at);
    } catch (const heddle::TimeoutError&) {
      print("TimeoutError, left:", list(late));
    }
    go.set();
  }
  std::vector<int> ran;
  threading::Event go;
  auto gated = [&](int n) {
    if (n == 1) go.wait();
    ran.push_back(n);
    return n;
  };
  {
    futures::ThreadPoolExecutor ex(1);
    {
      auto results = ex.map(gated, range(10));
      print(*results.begin());
    }  // leaving early cancels what has not begun
    go.set();
  }
  print("at most one more ran:", ran == std::vector{0} || ran == std::vector{0, 1});
}
