// Futures and pools under thousands of schedules: what holds in each of them.
#include "schedules/schedules.h"

#include <heddle/futures.h>
#include <heddle/threading.h>

using namespace std::chrono_literals;
namespace futures = heddle::futures;
namespace threading = heddle::threading;
using futures::Future;
using futures::ThreadPoolExecutor;
using heddle::testing::expect;
using heddle::testing::expect_equal;
using heddle::testing::schedules;
using heddle::testing::ThreadWorld;
using heddle::testing::Together;

TEST_CASE("schedules: Future: all who wait get the one result, callbacks come once") {
  schedules("future_result", 1000, [](ThreadWorld&) {
    Future<int> future;
    std::atomic<int> calls{0};
    std::atomic<int> sum{0};
    {
      Together threads;
      threads.add([&] { sum.fetch_add(future.result()); });
      threads.add([&] {
        try {
          sum.fetch_add(future.result(1ms));
        } catch (const heddle::TimeoutError&) {
          sum.fetch_add(7);
        }
      });
      threads.add([&] { future.add_done_callback([&](const auto&) { calls.fetch_add(1); }); });
      future.set_running_or_notify_cancel();
      future.set_result(7);
    }
    expect_equal(calls.load(), 1);
    expect_equal(sum.load(), 14);
  });
}

TEST_CASE("schedules: Future: cancel() or the worker wins, never both") {
  schedules("future_cancel", 1500, [](ThreadWorld&) {
    Future<int> future;
    std::atomic<bool> cancelled{false};
    std::atomic<bool> ran{false};
    std::atomic<int> calls{0};
    future.add_done_callback([&](const auto&) { calls.fetch_add(1); });
    {
      Together threads;
      threads.add([&] { cancelled = future.cancel(); });
      threads.add([&] {
        if (!future.set_running_or_notify_cancel()) return;
        ran = true;
        future.set_result(1);
      });
      try {
        expect_equal(future.result(), 1);
        expect(ran.load(), "a result comes from a run");
      } catch (const futures::CancelledError&) {
        expect(!ran.load(), "what is cancelled does not run");
      }
    }
    expect(cancelled.load() != ran.load(), "one of both");
    expect_equal(calls.load(), 1);
  });
}

TEST_CASE("schedules: teardown: submit, shutdown and cancel at once: each future has its end") {
  schedules("teardown_pool", 2000, [](ThreadWorld& world) {
    std::atomic<int> ran{0};
    std::vector<Future<void>> made;
    std::atomic<int> cancelled{0};
    {
      ThreadPoolExecutor pool(2);
      bool cancels = world.choose(2, "cancel_futures") != 0;
      bool waits = world.choose(2, "wait") == 0;
      Together threads;
      threads.add([&] {
        try {
          for (int i = 0; i < 3; ++i) made.push_back(pool.submit([&] { ran.fetch_add(1); }));
        } catch (const heddle::RuntimeError&) {
          // shut down before
        }
        if (!made.empty() && made.back().cancel()) cancelled.fetch_add(1);
      });
      threads.add([&] { pool.shutdown({.wait = waits, .cancel_futures = cancels}); });
    }
    int finished = 0;
    for (const auto& future : made) {
      expect(future.done(), "a future has its end when the pool is gone");
      if (!future.cancelled()) ++finished;
    }
    expect_equal(ran.load(), finished);
  });
}

TEST_CASE("schedules: teardown: a pool whose last handle dies on its own worker") {
  schedules("teardown_own_worker", 2000, [](ThreadWorld&) {
    auto pool = std::make_shared<ThreadPoolExecutor>(2);
    Future<int> last = pool->submit([pool] { return 1; });
    Future<int> other = pool->submit([] { return 2; });
    pool.reset();
    expect_equal(last.result() + other.result(), 3);
  });
}

TEST_CASE("schedules: teardown: two threads shut a pool down while its worker submits") {
  schedules("teardown_worker_submits", 2000, [](ThreadWorld&) {
    ThreadPoolExecutor pool(2);
    std::atomic<int> ran{0};
    Future<void> first = pool.submit([&] {
      try {
        pool.submit([&] { ran.fetch_add(1); });
      } catch (const heddle::RuntimeError&) {
        ran.fetch_add(1);  // refused
      }
    });
    {
      Together threads;
      threads.add([&] { pool.shutdown(); });
      threads.add([&] { pool.shutdown({.wait = false}); });
    }
    pool.shutdown();
    expect(first.done(), "what was submitted has run");
    expect_equal(ran.load(), 1);
  });
}

TEST_CASE("schedules: ThreadPoolExecutor: as many workers as jobs that need each other") {
  schedules("pool_grows", 1500, [](ThreadWorld&) {
    ThreadPoolExecutor pool(3);
    threading::Event first;
    threading::Event second;
    auto a = pool.submit([&] {
      first.set();
      second.wait();
    });
    auto b = pool.submit([&] {
      first.wait();
      second.set();
    });
    a.result();
    b.result();
    auto idle = pool.submit([] { return 5; });  // on a worker that is there
    expect_equal(idle.result(), 5);
  });
}

TEST_CASE("schedules: ThreadPoolExecutor: an initialiser that fails fails all that is submitted") {
  schedules("pool_breaks", 50, [](ThreadWorld&) {
    ThreadPoolExecutor pool(
        2, futures::ThreadPoolOptions().initializer([] { throw heddle::ValueError("no"); }));
    int broken = 0;
    std::vector<Future<int>> made;
    for (int i = 0; i < 2; ++i) {
      try {
        made.push_back(pool.submit([] { return 1; }));
      } catch (const futures::BrokenThreadPool&) {
        ++broken;
      }
    }
    for (const auto& future : made) {
      try {
        future.result();
      } catch (const futures::BrokenThreadPool&) {
        ++broken;
      }
    }
    expect_equal(broken, 2);
  });
}

TEST_CASE("schedules: Executor::map: results in order; leaving early cancels the rest") {
  schedules("map", 500, [](ThreadWorld&) {
    ThreadPoolExecutor pool(2);
    std::vector<int> numbers = {1, 2, 3};
    int next = 1;
    for (int square : pool.map([](int n) { return n * n; }, numbers)) {
      expect_equal(square, next * next);
      if (++next == 3) break;
    }
  });
}

TEST_CASE("schedules: wait and as_completed: see each future once") {
  schedules("wait_all", 1000, [](ThreadWorld&) {
    ThreadPoolExecutor pool(2);
    std::vector<Future<int>> made;
    for (int i = 0; i < 3; ++i) made.push_back(pool.submit([i] { return i; }));
    int sum = 0;
    for (auto future : futures::as_completed(made)) sum += future.result();
    expect_equal(sum, 3);
    auto result = futures::wait(made);
    expect_equal(result.done.size(), std::size_t{3});
  });
}

TEST_CASE("schedules: a full pool whose workers wait for its queue helps itself") {
  schedules("nested", 1000, [](ThreadWorld&) {
    ThreadPoolExecutor pool(1);
    auto outer = pool.submit([&pool] { return pool.submit([] { return 20; }).result() + 1; });
    auto other = pool.submit([&pool] { return pool.submit([] { return 20; }).result() + 1; });
    expect_equal(outer.result() + other.result(), 42);
  });
}

TEST_CASE("schedules: a worker that takes futures as they end is not held up by a later one") {
  schedules("nested_as_completed", 1000, [](ThreadWorld&) {
    ThreadPoolExecutor pool(2);
    auto outer = pool.submit([&pool] {
      threading::Event first_was_seen;
      auto first = pool.submit([] { return 1; });
      auto second = pool.submit([&] { return first_was_seen.wait() ? 2 : 0; });
      int sum = 0;
      for (auto future : futures::as_completed(std::vector{first, second})) {
        sum += future.result();
        first_was_seen.set();
      }
      return sum;
    });
    expect_equal(outer.result(), 3);
  });
}
