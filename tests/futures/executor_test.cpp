#include <doctest/doctest.h>
#include <heddle/futures/executor.h>

#include <vector>

namespace futures = heddle::futures;

// An executor of one's own: runs each job where it is submitted.
class InlineExecutor final : public futures::Executor {
 public:
  void schedule(futures::JobRef job) override { job->run(); }
  void shutdown(futures::ShutdownOptions) override {}
};

TEST_CASE("Executor: submit and map work on any executor") {
  InlineExecutor executor;
  CHECK(executor.submit([](int a, int b) { return a * b; }, 6, 7).result() == 42);
  executor.submit([] {}).result();
  CHECK_THROWS_AS(executor.submit([]() -> int { throw heddle::KeyError("k"); }).result(),
                  heddle::KeyError);
  std::vector<int> doubled;
  for (int n : executor.map([](int n) { return 2 * n; }, std::vector{1, 2, 3}))
    doubled.push_back(n);
  CHECK(doubled == std::vector{2, 4, 6});
}

TEST_CASE("Executor: a future without a call is no job, and says so") {
  InlineExecutor executor;
  futures::Future<int> bare;
  executor.schedule(futures::JobRef(heddle::SharedRef<futures::FutureCore>(bare.state()).detach()));
  CHECK_THROWS_WITH_AS(bare.result(), doctest::Contains("this future has no call"),
                       heddle::TypeError);
}
