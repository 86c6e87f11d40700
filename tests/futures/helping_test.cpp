// What a worker does, and leaves alone, while it waits for its own pool.
#include <doctest/doctest.h>
#include <heddle/core/context_var.h>
#include <heddle/futures/as_completed.h>
#include <heddle/futures/thread_pool_executor.h>
#include <heddle/threading/event.h>

#include <stop_token>
#include <thread>
#include <vector>

namespace futures = heddle::futures;
namespace threading = heddle::threading;
using futures::Future;
using futures::ThreadPoolExecutor;
using namespace std::chrono_literals;

TEST_CASE("helping: a wait with a limit ends at the limit, and the work goes on") {
  ThreadPoolExecutor pool(1);
  auto outer = pool.submit([&pool] {
    std::vector<Future<void>> fs{pool.submit([] {})};
    CHECK_THROWS_AS(fs[0].result(1ms), heddle::TimeoutError);
    CHECK_THROWS_AS(fs[0].exception(1ms), heddle::TimeoutError);
    CHECK(futures::wait(fs, {.timeout = 1ms}).done.empty());
    CHECK(
        futures::wait(fs, {.timeout = 1ms, .return_when = futures::FIRST_COMPLETED}).done.empty());
    CHECK_THROWS_AS(futures::as_completed(fs, 1ms).begin(), heddle::TimeoutError);
    return fs[0];
  });
  outer.result().result();
}

// The second waits for what comes after the first in the loop of the one that waits for both.
TEST_CASE("helping: who takes futures as they end begins none while one before it runs") {
  threading::Event first_may_end, first_was_seen, third_may_end;
  ThreadPoolExecutor pool(3);
  auto outer = pool.submit([&] {
    auto first = pool.submit([&] { first_may_end.wait(); });
    auto third = pool.submit([&] { third_may_end.wait(); });
    while (!first.running() || !third.running()) std::this_thread::yield();
    std::vector<Future<void>> fs{first, pool.submit([&] { first_was_seen.wait(); })};
    auto ending = futures::as_completed(fs);
    first_may_end.set();
    for (auto& future : ending) {
      CHECK(future.done());
      first_was_seen.set();
    }
  });
  auto done = futures::wait(std::vector{outer}, {.timeout = 20s}).done;
  CHECK(done.size() == 1);
  first_was_seen.set();  // or the test would hang
  third_may_end.set();
}

TEST_CASE("helping: shutdown() asks work to stop that a waiting worker does") {
  threading::Event begun;
  ThreadPoolExecutor pool(1);
  auto outer = pool.submit([&] {
    auto inner = pool.submit([&](std::stop_token stop) {
      begun.set();
      threading::Event stopped;
      std::stop_callback set(stop, [&] { stopped.set(); });
      return stopped.wait(20s);
    });
    return inner.result();
  });
  begun.wait();
  pool.shutdown({.request_stop = true});
  CHECK(outer.result());
}

static heddle::ContextVar<int> number("number", 0);

TEST_CASE(
    "helping: the work sees nothing of the context of the waiting work, and changes nothing") {
  ThreadPoolExecutor pool(1);
  auto outer = pool.submit([&] {
    number.set(1);
    auto inner = pool.submit([] {
      int before = number.get();
      number.set(2);
      return before;
    });
    CHECK(inner.result() == 0);
    return number.get();
  });
  CHECK(outer.result() == 1);
}
