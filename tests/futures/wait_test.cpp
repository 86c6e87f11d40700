#include <doctest/doctest.h>
#include <heddle/futures/wait.h>
#include <heddle/threading/thread.h>

#include <vector>

namespace futures = heddle::futures;
namespace threading = heddle::threading;
using futures::Future;
using namespace std::chrono_literals;

static std::exception_ptr key_error() { return std::make_exception_ptr(heddle::KeyError("k")); }

TEST_CASE("futures::wait: each future once, in the order given, whatever is done at the timeout") {
  std::vector<Future<int>> fs(3);
  fs[1].set_result(1);
  auto result = futures::wait(std::vector{fs[0], fs[1], fs[0], fs[2], fs[1]}, {.timeout = 1ms});
  CHECK(result.done == std::vector{fs[1]});
  CHECK(result.not_done == std::vector{fs[0], fs[2]});
  CHECK(futures::wait(std::vector<Future<int>>()).done.empty());
}

TEST_CASE("futures::wait: FIRST_COMPLETED and FIRST_EXCEPTION; a cancellation is no exception") {
  std::vector<Future<int>> fs(4);
  fs[0].cancel();
  auto first = futures::wait(fs, {.return_when = futures::FIRST_COMPLETED});
  CHECK(first.done == std::vector{fs[0]});
  auto none = futures::wait(fs, {.timeout = 1ms, .return_when = futures::FIRST_EXCEPTION});
  CHECK(none.done == std::vector{fs[0]});
  threading::Thread finisher([fs] {
    fs[1].set_result(1);
    fs[2].set_exception(key_error());
  });
  finisher.start();
  auto failed = futures::wait(fs, {.return_when = futures::FIRST_EXCEPTION});
  finisher.join();
  CHECK(failed.done == std::vector{fs[0], fs[1], fs[2]});
  CHECK(failed.not_done == std::vector{fs[3]});
  fs[3].set_result(3);
  CHECK(futures::wait(fs, {.return_when = futures::FIRST_EXCEPTION}).not_done.empty());
  CHECK(futures::wait(fs).done.size() == 4);
}

TEST_CASE("futures::wait: a future that is polled again and again keeps nothing of the waits") {
  Future<int> never;
  Future<int> soon;
  for (int i = 0; i < 1000; ++i) {
    auto result = futures::wait(std::vector{never, soon},
                                {.timeout = 0s, .return_when = futures::FIRST_COMPLETED});
    REQUIRE(result.done.empty());
  }
  CHECK(never.state()->use_count() == 1);
}

TEST_CASE("futures::wait: many threads wait for the same futures in every way") {
  for (int round = 0; round < 20; ++round) {
    std::vector<Future<int>> fs(8);
    std::vector<threading::Thread> waiters;
    for (int t = 0; t < 6; ++t) {
      waiters.emplace_back([fs, t] {
        auto when = t % 3 == 0   ? futures::ALL_COMPLETED
                    : t % 3 == 1 ? futures::FIRST_COMPLETED
                                 : futures::FIRST_EXCEPTION;
        auto result = futures::wait(fs, {.return_when = when});
        if (when == futures::FIRST_COMPLETED) {
          CHECK(!result.done.empty());
        } else if (when == futures::ALL_COMPLETED) {
          CHECK(result.not_done.empty());
        } else {
          CHECK(fs[5].done());
        }
      });
      waiters.back().start();
    }
    for (int i = 0; i < 8; ++i) {
      auto& future = fs[static_cast<std::size_t>(i)];
      if (i == 5) {
        future.set_exception(key_error());
      } else if (i == 6) {
        future.cancel();
      } else {
        future.set_result(i);
      }
    }
    for (auto& waiter : waiters) waiter.join();
  }
}

TEST_CASE("futures::wait: a timeout in the distant past is over at once") {
  std::vector<Future<int>> fs(2);
  CHECK(futures::wait(fs, {.timeout = std::chrono::nanoseconds::min()}).done.empty());
  CHECK(futures::wait(
            fs, {.timeout = std::chrono::hours::min(), .return_when = futures::FIRST_COMPLETED})
            .done.empty());
}
