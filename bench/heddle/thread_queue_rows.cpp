// Queues between threads: B6.
#include <heddle/queue.h>
#include <heddle/threading/thread.h>

#include <numeric>

#include "rows.h"

namespace queue = heddle::queue;
namespace threading = heddle::threading;

namespace {

void through_queue(const char* row, long n, std::size_t pairs) {
  queue::Queue<long> items(1024);
  long share = n / static_cast<long>(pairs);
  auto produce = [&] {
    for (long i = 0; i < share; ++i) items.put(i);
  };
  std::vector<long> sums(pairs);
  auto consume = [&](std::size_t k) {
    long sum = 0;
    for (long i = 0; i < share; ++i) sum += items.get();
    sums[k] = sum;
  };
  std::vector<threading::Thread> threads;
  for (std::size_t k = 0; k < pairs; ++k) {
    threads.emplace_back(produce);
    threads.emplace_back(consume, k);
  }
  bench::Stopwatch watch;
  for (auto& thread : threads) thread.start();
  for (auto& thread : threads) thread.join();
  long count = static_cast<long>(pairs);
  watch.report(row, count * share);
  bench::require(std::accumulate(sums.begin(), sums.end(), 0L) == count * share * (share - 1) / 2,
                 "every item came out once");
}

}  // namespace

void rows::tq_spsc(long n) { through_queue("tq_spsc", n, 1); }
void rows::tq_mpmc(long n) { through_queue("tq_mpmc", n, 4); }
