// What the stress tests of the primitives share: threads that start together, and random numbers
// whose seed is told when a test fails.
#pragma once

#include <doctest/doctest.h>
#include <heddle/threading/thread.h>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

namespace heddle::threading {

// HEDDLE_SEED, or a new one each time.
inline std::uint64_t stress_seed() {
  const char* text = std::getenv("HEDDLE_SEED");
  static const std::uint64_t seed =
      text != nullptr ? std::strtoull(text, nullptr, 10) : std::random_device()();
  return seed;
}

// Runs body(index, random) on `count` threads and joins them.
template <class Body>
void run_threads(unsigned count, Body body) {
  INFO("HEDDLE_SEED=" << stress_seed() << ", threads: " << count);
  std::vector<Thread> threads;
  for (unsigned i = 0; i < count; ++i) {
    threads.emplace_back([&body, i, count] {
      std::mt19937_64 random(stress_seed() * 64 + count + i);
      body(i, random);
    });
  }
  for (auto& thread : threads) thread.start();
  for (auto& thread : threads) thread.join();
}

// Calls test(threads) for 2, 4, 8 and 16 threads.
template <class Test>
void for_thread_counts(Test test) {
  INFO("HEDDLE_SEED=" << stress_seed());
  for (unsigned count : {2U, 4U, 8U, 16U}) test(count);
}

// A timeout of 0 to 200 us.
inline std::chrono::nanoseconds random_timeout(std::mt19937_64& random) {
  return std::chrono::nanoseconds(random() % 200'000);
}

// The text of the exception of type E that the call throws; "" when it throws none.
template <class E, class F>
std::string text_of(F call) {
  try {
    call();
  } catch (const E& error) {
    return error.what();
  }
  return "";
}

}  // namespace heddle::threading
