// What the tests that explore schedules share.
#pragma once

#include <doctest/doctest.h>
#include <heddle/testing/explore_threads.h>
#include <heddle/threading/thread.h>

#include <chrono>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

namespace heddle::testing {

// Explores `schedules` of body(world); HEDDLE_SCHEDULES multiplies them.
template <class Body>
void schedules(const char* name, std::uint64_t count, Body body,
               ExploreThreadsOptions options = {}) {
  const char* text = std::getenv("HEDDLE_SCHEDULES");
  std::uint64_t factor = text != nullptr ? std::strtoull(text, nullptr, 10) : 1;
  options.seeds = count * factor;
  options.name = name;
  ExploreThreadsResult result = explore_threads(body, options);
  MESSAGE(std::string(name) << ": " << result.schedules << " schedules, " << result.steps
                            << " steps, " << result.switches << " switches");
}

// Threads that start one after the other and are joined together.
class Together {
 public:
  Together() = default;
  Together(const Together&) = delete;
  Together& operator=(const Together&) = delete;
  ~Together() { join(); }

  template <class F>
  void add(F function) {
    threads_.emplace_back(std::move(function));
    threads_.back().start();
  }
  void join() {
    for (auto& thread : threads_) thread.join();
    threads_.clear();
  }

 private:
  std::vector<threading::Thread> threads_;
};

}  // namespace heddle::testing
