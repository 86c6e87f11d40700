#include <doctest/doctest.h>
#include <heddle/futures/progress.h>
#include <heddle/futures/thread_pool_executor.h>

#include <vector>

namespace futures = heddle::futures;

TEST_CASE(
    "Progress: a map says how many results it gave, and of how many as soon as that is known") {
  CHECK(!futures::Progress().total);
  std::vector<int> numbers{1, 2, 3, 4};
  futures::ThreadPoolExecutor pool(1);
  auto id = [](int n) { return n; };
  auto all = pool.map(id, numbers);
  CHECK(all.progress().total == 4);
  std::size_t done = 0;
  for (int n : all) {
    CHECK(n == static_cast<int>(done + 1));
    CHECK(all.progress().done == done++);
  }
  CHECK(all.progress().done == 4);
  auto some = pool.map(id, numbers, {.buffersize = 2});
  CHECK(!some.progress().total);
  for (int n : some) CHECK(n > 0);
  CHECK(some.progress().total == 4);
}
