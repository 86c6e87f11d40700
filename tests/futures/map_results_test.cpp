#include <doctest/doctest.h>
#include <heddle/futures/map_results.h>
#include <heddle/futures/process_pool_executor.h>
#include <heddle/futures/thread_pool_executor.h>
#include <heddle/threading/event.h>

#include <atomic>
#include <numeric>
#include <vector>

namespace futures = heddle::futures;
using futures::ThreadPoolExecutor;
using namespace std::chrono_literals;

namespace {

// Counts without end, and says how far it was taken.
class Naturals {
 public:
  explicit Naturals(std::atomic<int>& taken) : taken_(&taken) {}
  struct iterator {
    using value_type = int;
    using difference_type = std::ptrdiff_t;
    int operator*() const {
      ++*taken;
      return value;
    }
    iterator& operator++() {
      ++value;
      return *this;
    }
    bool operator!=(const iterator&) const { return true; }
    std::atomic<int>* taken;
    int value;
  };
  iterator begin() const { return {taken_, 0}; }
  iterator end() const { return {taken_, 0}; }

 private:
  std::atomic<int>* taken_;
};

int square(int n) { return n * n; }

}  // namespace

TEST_CASE("MapResults: an endless generator is taken at most buffersize ahead, by threads") {
  std::atomic<int> taken = 0;
  ThreadPoolExecutor pool(2);
  auto results = pool.map(square, Naturals(taken), {.buffersize = 4});
  CHECK(taken == 4);
  int n = 0;
  for (int result : results) {
    REQUIRE(result == n * n);
    REQUIRE(taken == n + 1 + 4);
    if (++n == 500) break;
  }
}

TEST_CASE(
    "MapResults: an endless generator is taken at most buffersize chunks ahead, by processes") {
  futures::ProcessPoolExecutor pool(1);
  std::atomic<int> taken = 0;
  auto results = pool.map(square, Naturals(taken), {.chunksize = 3, .buffersize = 2});
  CHECK(taken == 6);
  int n = 0;
  for (int result : results) {
    REQUIRE(result == n * n);
    REQUIRE(taken <= n + 1 + 6);
    if (++n == 50) break;
  }
}

TEST_CASE("MapResults: the timeout counts from the call, and ends the results") {
  heddle::threading::Event go;
  ThreadPoolExecutor pool(1);
  auto results = pool.map(
      [&](int n) {
        if (n == 1) go.wait();
        return n;
      },
      std::vector{0, 1, 2}, {.timeout = 20ms});
  auto at = results.begin();
  // The first may be late on a busy machine; the second is never there.
  auto ask_all = [&] {
    for (; at != results.end(); ++at) static_cast<void>(*at);
  };
  CHECK_THROWS_AS(ask_all(), heddle::TimeoutError);
  CHECK((results.begin() == results.end()));
  go.set();
}

TEST_CASE("MapResults: the first error ends the results and cancels what has not begun") {
  heddle::threading::Event go;
  std::atomic<int> ran = 0;
  std::vector<int> numbers{0, 1, 2, 3, 4};
  ThreadPoolExecutor pool(1);
  auto results = pool.map(
      [&](int n) {
        ++ran;
        if (n == 1) throw heddle::KeyError("one");
        if (n == 2) go.wait();
        return n;
      },
      numbers);
  auto at = results.begin();
  CHECK(*at == 0);
  ++at;
  CHECK_THROWS_AS(*at, heddle::KeyError);
  CHECK((at == results.end()));
  go.set();
  pool.shutdown();
  CHECK(ran <= 3);
}

TEST_CASE("MapResults: left early, it cancels what has not begun") {
  std::atomic<int> ran = 0;
  heddle::threading::Event go;
  ThreadPoolExecutor pool(1);
  {
    std::vector<int> many(1000, 1);
    auto results = pool.map(
        [&](int x) {
          if (++ran == 2) go.wait();
          return x;
        },
        many);
    CHECK(*results.begin() == 1);
  }
  go.set();
  pool.shutdown();
  CHECK(ran <= 2);
}

TEST_CASE(
    "MapResults: ranges end with the shortest, options stand first or last, and are checked") {
  std::vector<int> a{1, 2, 3, 4};
  ThreadPoolExecutor pool(2);
  auto sum = [](int x, int y) { return x + y; };
  std::vector<int> sums;
  for (int s : pool.map(sum, a, std::vector{10, 20, 30}, {.buffersize = 1})) sums.push_back(s);
  for (int s : pool.map(sum, {.timeout = 60s}, a, std::vector{10})) sums.push_back(s);
  CHECK(sums == std::vector{11, 22, 33, 11});
  CHECK_THROWS_WITH_AS(pool.map(square, a, {.chunksize = 0}), "chunksize must be >= 1.",
                       heddle::ValueError);
  CHECK_THROWS_WITH_AS(pool.map(square, a, {.buffersize = 0}), "buffersize must be None or > 0",
                       heddle::ValueError);
}

TEST_CASE("MapResults: what is submitted late needs the executor") {
  auto pool = std::make_unique<ThreadPoolExecutor>(1);
  std::vector<int> numbers{1, 2, 3};
  auto all = pool->map(square, numbers);
  auto late = pool->map(square, numbers, {.buffersize = 1});
  pool.reset();
  std::vector<int> squares;
  for (int n : all) squares.push_back(n);
  CHECK(squares == std::vector{1, 4, 9});
  CHECK_THROWS_AS(*late.begin(), heddle::RuntimeError);
}

TEST_CASE("MapResults: results that nobody asks for are passed over, and end none of the others") {
  std::vector<int> numbers{1, 2, 3, 4, 5};
  ThreadPoolExecutor pool(1);
  auto results = pool.map([](int n) { return n; }, numbers, {.buffersize = 1});
  std::vector<int> seen;
  int steps = 0;
  for (auto at = results.begin(); at != results.end(); ++at) {
    if (steps++ % 3 == 2) seen.push_back(*at);
  }
  CHECK(steps == 5);
  CHECK(seen == std::vector{3});
  auto refused = pool.map([](int n) { return n; }, numbers, {.buffersize = 1});
  auto at = refused.begin();
  pool.shutdown();
  CHECK_THROWS_AS(++at, heddle::RuntimeError);
  CHECK((at == refused.end()));
}
