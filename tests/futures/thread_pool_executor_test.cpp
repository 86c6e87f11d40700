#include <doctest/doctest.h>
#include <heddle/futures/as_completed.h>
#include <heddle/futures/thread_pool_executor.h>
#include <heddle/futures/wait.h>
#include <heddle/threading/event.h>
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
    std::vector<threading::Thread> submitters;
    ThreadPoolExecutor pool(2);
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
  std::vector<int> a{1, 2, 3, 4};
  std::vector<int> b{10, 20, 30};
  std::vector<int> sums;
  ThreadPoolExecutor pool(2);
  for (int sum : pool.map([](int x, int y) { return x + y; }, a, b)) sums.push_back(sum);
  CHECK(sums == std::vector{11, 22, 33});
  {
    std::vector<int> many(1000, 1);
    auto results = pool.map([](int x) { return x; }, many);
    CHECK(*results.begin() == 1);
  }
}

TEST_CASE("ThreadPoolExecutor: after shutdown nothing is taken, and queued work can be cancelled") {
  std::atomic<bool> go{false};
  ThreadPoolExecutor pool(1);
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

TEST_CASE("ThreadPoolExecutor: jobs begin in the order of their submission") {
  threading::Event go;
  std::vector<int> order;
  ThreadPoolExecutor pool(1);
  pool.submit([&] { go.wait(); });
  for (int i = 0; i < 1000; ++i) pool.submit([&order, i] { order.push_back(i); });
  go.set();
  pool.shutdown();
  for (int i = 0; i < 1000; ++i) REQUIRE(order[static_cast<std::size_t>(i)] == i);
}

TEST_CASE(
    "ThreadPoolExecutor: as many workers as jobs that wait for each other, whoever began idle") {
  for (int round = 0; round < 50; ++round) {
    ThreadPoolExecutor pool(4);
    for (int burst = 0; burst < 3; ++burst) {
      std::atomic<int> there = 0;
      threading::Event all;
      std::vector<futures::Future<void>> fs;
      for (int i = 0; i < 4; ++i) {
        fs.push_back(pool.submit([&] {
          if (++there == 4) all.set();
          all.wait();
        }));
      }
      futures::wait(fs);
    }
  }
}

static int depth_of(ThreadPoolExecutor& pool, int n) {
  if (n == 0) return 0;
  return 1 + pool.submit([&pool, n] { return depth_of(pool, n - 1); }).result();
}

TEST_CASE("ThreadPoolExecutor: jobs of a full pool that wait for each other do each other's work") {
  ThreadPoolExecutor pool(1);
  CHECK(pool.submit([&pool] { return depth_of(pool, 100); }).result() == 100);
  auto all = pool.submit([&pool] {
    std::vector<futures::Future<int>> fs;
    for (int i = 0; i < 10; ++i) fs.push_back(pool.submit([i] { return i; }));
    int sum = 0;
    for (auto& future : futures::as_completed(fs)) sum += future.result();
    for (int n : pool.map([](int n) { return n; }, std::vector{1, 2, 3})) sum += n;
    futures::wait(std::vector{pool.submit([] {})}, {.return_when = futures::FIRST_COMPLETED});
    return sum;
  });
  CHECK(all.result() == 51);
}

static int fibonacci(ThreadPoolExecutor& pool, int n) {
  if (n < 2) return n;
  auto left = pool.submit(fibonacci, std::ref(pool), n - 1);
  int right = fibonacci(pool, n - 2);
  return left.result() + right;
}

TEST_CASE("ThreadPoolExecutor: a tree of jobs that wait for jobs ends on one worker and on three") {
  for (int workers : {1, 3}) {
    ThreadPoolExecutor pool(workers);
    CHECK(pool.submit(fibonacci, std::ref(pool), 14).result() == 377);
  }
}

TEST_CASE("ThreadPoolExecutor: a worker does only work that it waits for") {
  std::vector<int> order;
  ThreadPoolExecutor pool(1);
  auto outer = pool.submit([&] {
    auto other = pool.submit([&] { order.push_back(2); });
    auto wanted = pool.submit([&] { order.push_back(1); });
    wanted.result();
  });
  outer.result();
  pool.shutdown();
  CHECK(order == std::vector{1, 2});
}

TEST_CASE(
    "ThreadPoolExecutor: a function that takes a stop token is given one, before and while it "
    "runs") {
  threading::Event begun;
  ThreadPoolExecutor pool(1);
  auto until_stopped = [&](std::stop_token stop, int n) {
    begun.set();
    while (!stop.stop_requested()) std::this_thread::yield();
    return n;
  };
  auto running = pool.submit(until_stopped, 5);
  auto queued = pool.submit([](std::stop_token stop) { return stop.stop_requested(); });
  auto plain = pool.submit([] {});
  begun.wait();
  CHECK(!plain.request_stop());
  CHECK(queued.request_stop());
  CHECK(running.request_stop());
  CHECK(running.result() == 5);
  CHECK(queued.result());
  begun.clear();
  auto last = pool.submit(until_stopped, 6);
  begun.wait();
  pool.shutdown({.request_stop = true});
  CHECK(last.result() == 6);
}

TEST_CASE(
    "ThreadPoolExecutor: with a queue limit a fast producer waits, and shutdown ends its wait") {
  threading::Event begun, go;
  std::atomic<int> submitted = 0;
  ThreadPoolExecutor pool(1, futures::ThreadPoolOptions().queue_limit(3));
  pool.submit([&] {
    begun.set();
    go.wait();
    pool.submit([] {});  // the pool's own worker is not held up
  });
  begun.wait();
  std::atomic<bool> refused = false;
  threading::Thread producer([&] {
    try {
      while (true) {
        pool.submit([] {});
        ++submitted;
      }
    } catch (const heddle::RuntimeError&) {
      refused = true;
    }
  });
  producer.start();
  while (submitted < 3) std::this_thread::yield();
  go.set();
  while (submitted < 100) std::this_thread::yield();
  pool.shutdown();
  producer.join();
  CHECK(refused);
}

TEST_CASE("ThreadPoolExecutor: initialisers take arguments, one copy a worker") {
  std::atomic<int> sum = 0;
  ThreadPoolExecutor pool(
      1,
      futures::ThreadPoolOptions().initializer(
          [&sum](std::string text, int n) { sum += static_cast<int>(text.size()) + n; }, "abc", 4));
  pool.submit([] {}).result();
  CHECK(sum == 7);
}

TEST_CASE("ThreadPoolExecutor: function and arguments are gone when the future is done") {
  ThreadPoolExecutor pool(1);
  auto captured = std::make_shared<int>(1);
  auto argument = std::make_shared<int>(2);
  auto future = pool.submit([captured](std::shared_ptr<int> p) { return *p; }, argument);
  CHECK(future.result() == 2);
  CHECK(captured.use_count() == 1);
  CHECK(argument.use_count() == 1);
}

TEST_CASE("ThreadPoolExecutor: a pool that does not spin works as one that does") {
  using namespace std::chrono_literals;
  for (auto spin : {0us, 50us}) {
    ThreadPoolExecutor pool(2, futures::ThreadPoolOptions().spin(spin));
    for (int i = 0; i < 300; ++i) REQUIRE(pool.submit([i] { return i; }).result() == i);
  }
}
