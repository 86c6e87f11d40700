#include <doctest/doctest.h>
#include <heddle/futures/future.h>
#include <heddle/threading/thread.h>

#include <atomic>
#include <vector>

namespace futures = heddle::futures;
using futures::Future;
using namespace std::chrono_literals;

TEST_CASE("futures::Future: pending, running, finished; a running one cannot be cancelled") {
  Future<int> future;
  CHECK(!future.running());
  CHECK(future.set_running_or_notify_cancel());
  CHECK(future.running());
  CHECK(!future.cancel());
  CHECK_THROWS_AS(future.result(1ms), heddle::TimeoutError);
  future.set_result(42);
  CHECK(future.done());
  CHECK(future.result() == 42);
  CHECK(future.exception() == nullptr);
  CHECK_THROWS_AS(future.set_result(1), heddle::InvalidStateError);
  CHECK_THROWS_AS(future.set_running_or_notify_cancel(), heddle::RuntimeError);
}

TEST_CASE("futures::Future: cancelled while pending, and told so by the executor") {
  Future<int> future;
  CHECK(future.cancel());
  CHECK(future.cancel());
  CHECK(future.cancelled());
  CHECK(future.done());
  CHECK(!future.set_running_or_notify_cancel());
  CHECK_THROWS_AS(future.result(), futures::CancelledError);
  CHECK_THROWS_AS(future.exception(), futures::CancelledError);
  CHECK_THROWS_AS(future.set_result(1), heddle::InvalidStateError);
}

TEST_CASE(
    "futures::Future: callbacks run once, in order, in the finishing thread, at once when it is "
    "done") {
  Future<int> future;
  std::vector<int> seen;
  std::uint64_t thread = 0;
  future.add_done_callback([&](const Future<int>& f) { seen.push_back(f.result()); });
  future.add_done_callback(
      [&](const Future<int>&) -> void { throw heddle::ValueError("ignored"); });
  future.add_done_callback([&](const Future<int>&) { thread = heddle::threading::get_ident(); });
  heddle::threading::Thread finisher([future] { future.set_result(1); });
  finisher.start();
  std::uint64_t expected = *finisher.ident();
  finisher.join();
  CHECK(thread == expected);
  future.add_done_callback([&](const Future<int>&) { seen.push_back(2); });
  CHECK(seen == std::vector{1, 2});
}

TEST_CASE("futures::Future: exceptions, void, and results that cannot be copied") {
  Future<void> failed;
  failed.set_exception(std::make_exception_ptr(heddle::KeyError("k")));
  CHECK_THROWS_AS(failed.result(), heddle::KeyError);
  CHECK(heddle::repr(failed.exception()) == "KeyError('k')");
  Future<std::unique_ptr<int>> unique;
  unique.set_result(std::make_unique<int>(3));
  CHECK(*unique.result() == 3);
  CHECK_THROWS_AS(unique.result(), heddle::InvalidStateError);
}

TEST_CASE("futures::Future: many threads wait for one and all see the result") {
  Future<int> future;
  std::vector<heddle::threading::Thread> waiters;
  std::atomic<int> sum{0};
  for (int i = 0; i < 8; ++i) {
    waiters.emplace_back([&sum, future] { sum += future.result(); });
    waiters.back().start();
  }
  future.set_result(5);
  for (auto& waiter : waiters) waiter.join();
  CHECK(sum == 40);
}

TEST_CASE("futures::Future: an exception that is null is refused, and the future stays as it was") {
  Future<int> future;
  CHECK_THROWS_AS(future.set_exception(nullptr), heddle::TypeError);
  future.set_result(1);
  CHECK(future.result() == 1);
}
