// The rows of thread-safe queues: n items from producers to consumers, each a thread.
#pragma once

#include <atomic>
#include <thread>
#include <vector>

#include "harness.h"

namespace bench {

template <class Put, class Get>
void through_threads(const char* row, long n, long pairs, Put put, Get get) {
  long share = n / pairs;
  std::atomic<long> sum = 0;
  std::vector<std::thread> threads;
  Stopwatch watch;
  for (long i = 0; i < pairs; ++i) {
    threads.emplace_back([&] {
      for (long item = 0; item < share; ++item) put(item);
    });
    threads.emplace_back([&] {
      long own = 0;
      for (long item = 0; item < share; ++item) own += get();
      sum += own;
    });
  }
  for (auto& thread : threads) thread.join();
  watch.report(row, pairs * share);
  require(sum == pairs * share * (share - 1) / 2, "every item came out once");
}

}  // namespace bench
