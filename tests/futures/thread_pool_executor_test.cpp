#include <doctest/doctest.h>
#include <heddle/futures/thread_pool_executor.h>
#include <heddle/threading/thread.h>

#include <atomic>
#include <set>
#include <thread>

namespace futures = heddle::futures;
namespace threading = heddle::threading;
using futures::ThreadPoolExecutor;

TEST_CASE("ThreadPoolExecutor: runs work, exceptions come back, idle workers are reused") {
  ThreadPoolExecutor pool(4, futures::ThreadPoolOptions().thread_name_prefix("w"));
  std::set<std::string> names;
  for (int i = 0; i < 5; ++i) {
    names.insert(pool.submit([] { return threading::current_thread().name(); }).result());
    while (threading::active_count() < 2) std::this_thread::yield();
  }
  CHECK(names.count("w_0") == 1);
  auto failing = pool.submit([]() -> int { throw heddle::ZeroDivisionError("division by zero"); });
  CHECK_THROWS_AS(failing.result(), heddle::ZeroDivisionError);
  auto unique = pool.submit([](std::unique_ptr<int> p) { return *p; }, std::make_unique<int>(4));
  CHECK(unique.result() == 4);
}

TEST_CASE("ThreadPoolExecutor: a hundred thousand jobs from four threads all run once") {
  std::atomic<int> count{0};
  {
    ThreadPoolExecutor pool(2);
    std::vector<threading::Thread> submitters;
    for (int t = 0; t < 4; ++t) {
      submitters.emplace_back([&] {
        for (int i = 0; i < 25'000; ++i) pool.submit([&count] { ++count; });
      });
      submitters.back().start();
    }
    for (auto& submitter : submitters) submitter.join();
  }
  CHECK(count == 100'000);
}

TEST_CASE(
    "ThreadPoolExecutor: map gives results in order, of several ranges, and cancels what is left") {
  ThreadPoolExecutor pool(2);
  std::vector<int> a{1, 2, 3, 4};
  std::vector<int> b{10, 20, 30};
  std::vector<int> sums;
  for (int sum : pool.map([](int x, int y) { return x + y; }, a, b)) sums.push_back(sum);
  CHECK(sums == std::vector{11, 22, 33});
  {
    std::vector<int> many(1000, 1);
    auto results = pool.map([](int x) { return x; }, many);
    CHECK(*results.begin() == 1);
  }
}

TEST_CASE("ThreadPoolExecutor: after shutdown nothing is taken, and queued work can be cancelled") {
  ThreadPoolExecutor pool(1);
  std::atomic<bool> go{false};
  auto running = pool.submit([&go] { go.wait(false); });
  while (!running.running()) std::this_thread::yield();
  auto queued = pool.submit([] {});
  threading::Thread opener([&go] {
    go = true;
    go.notify_all();
  });
  pool.shutdown({.wait = false, .cancel_futures = true});
  CHECK(queued.cancelled());
  CHECK_THROWS_WITH_AS(pool.submit([] {}), "cannot schedule new futures after shutdown",
                       heddle::RuntimeError);
  opener.start();
  opener.join();
  pool.shutdown();
  running.result();
  CHECK_THROWS_AS(ThreadPoolExecutor(0), heddle::ValueError);
}

TEST_CASE("ThreadPoolExecutor: an initialiser that fails breaks the pool") {
  ThreadPoolExecutor pool(
      1, futures::ThreadPoolOptions().initializer([] { throw heddle::ValueError("init"); }));
  bool broken = false;
  try {
    pool.submit([] { return 1; }).result();
  } catch (const futures::BrokenThreadPool&) {
    broken = true;
  }
  CHECK(broken);
  CHECK_THROWS_AS(pool.submit([] { return 1; }), futures::BrokenThreadPool);
}

TEST_CASE("ThreadPoolExecutor: a job may drop the last handle on its own pool") {
  auto pool = std::make_shared<ThreadPoolExecutor>(1);
  std::atomic<bool> done{false};
  pool->submit([pool, &done]() mutable {
    pool.reset();
    done = true;
    done.notify_all();
  });
  pool.reset();
  done.wait(false);
  while (threading::active_count() > 1) std::this_thread::yield();
}
