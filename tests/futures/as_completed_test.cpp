#include <doctest/doctest.h>
#include <heddle/futures/as_completed.h>
#include <heddle/futures/thread_pool_executor.h>

#include <set>
#include <vector>

namespace futures = heddle::futures;
using futures::Future;
using namespace std::chrono_literals;

TEST_CASE(
    "futures::as_completed: the finished ones first, then the others as they end, each once") {
  std::vector<Future<int>> fs(4);
  fs[2].set_result(2);
  fs[1].cancel();
  auto arriving = futures::as_completed(std::vector{fs[0], fs[1], fs[2], fs[3], fs[0]});
  CHECK(arriving.progress().total == 4);
  auto at = arriving.begin();
  CHECK(*at == fs[1]);
  CHECK(*++at == fs[2]);
  CHECK(arriving.progress().done == 2);
  fs[3].set_result(3);
  CHECK(*++at == fs[3]);
  fs[0].set_exception(std::make_exception_ptr(heddle::KeyError("k")));
  CHECK(at->done());
  CHECK(*++at == fs[0]);
  ++at;
  CHECK((at == arriving.end()));
  CHECK(arriving.progress().done == 4);
  for (auto& future : futures::as_completed(std::vector<Future<int>>())) CHECK(!future.done());
}

TEST_CASE("futures::as_completed: what is not done in time throws with Python's words") {
  std::vector<Future<int>> fs(3);
  fs[1].set_result(1);
  auto arriving = futures::as_completed(fs, 1ms);
  auto at = arriving.begin();
  CHECK(*at == fs[1]);
  CHECK_THROWS_WITH_AS(++at, "2 (of 3) futures unfinished", heddle::TimeoutError);
}

TEST_CASE("futures::as_completed: left early, it leaves nothing behind in the futures") {
  std::vector<Future<int>> fs(2);
  fs[0].set_result(0);
  for (auto& future : futures::as_completed(fs)) {
    CHECK(future == fs[0]);
    break;
  }
  CHECK(fs[1].state()->use_count() == 1);
  fs[1].set_result(1);
}

TEST_CASE("futures::as_completed: gives each of many jobs once, from several threads at a time") {
  std::vector<Future<int>> fs;
  futures::ThreadPoolExecutor pool(3);
  for (int i = 0; i < 2000; ++i) fs.push_back(pool.submit([i] { return i; }));
  std::set<int> seen;
  for (auto& future : futures::as_completed(fs)) seen.insert(future.result());
  CHECK(seen.size() == 2000);
}
