// The tour of the README.
// snippet: tour
#include <heddle/asyncio.h>
#include <heddle/futures.h>
#include <heddle/multiprocessing.h>

#include <iostream>

namespace asyncio = heddle::asyncio;
namespace futures = heddle::futures;
using asyncio::Coro;
using namespace std::chrono_literals;

static Coro<std::string> fetch(std::string name, std::chrono::milliseconds delay) {
  co_await asyncio::sleep(delay);  // others run meanwhile
  co_return name + " fetched";
}

static int count_primes(int below) {  // CPU work, for another process
  int count = 0;
  for (int n = 2; n < below; ++n) {
    bool prime = true;
    for (int d = 2; d * d <= n && prime; ++d) prime = n % d != 0;
    count += prime;
  }
  return count;
}

static Coro<void> async_main() {
  auto [a, b] = co_await asyncio::gather(fetch("A", 20ms), fetch("B", 30ms));  // 30 ms, not 50
  std::cout << a << ", " << b << "\n";
  try {
    co_await asyncio::wait_for(fetch("C", 1h), 10ms);
  } catch (const heddle::TimeoutError&) {
    std::cout << "C took too long\n";
  }
  futures::ProcessPoolExecutor pool(2);
  int primes = co_await pool.submit(count_primes, 100'000);
  std::cout << primes << " primes, counted in another process\n";
}

int main(int argc, char** argv) {
  heddle::multiprocessing::init(argc, argv);  // where a child process goes to work
  asyncio::run(async_main());
}
// end snippet
