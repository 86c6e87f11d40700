// The ends of a pool, from every side at once. A hang is caught by the limit of the test.
#include <doctest/doctest.h>
#include <heddle/futures/thread_pool_executor.h>
#include <heddle/futures/wait.h>
#include <heddle/threading/event.h>
#include <heddle/threading/thread.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <random>
#include <thread>
#include <vector>

namespace futures = heddle::futures;
namespace threading = heddle::threading;
using futures::Future;
using futures::ThreadPoolExecutor;

TEST_CASE(
    "teardown: a submit beside a shutdown runs once, is cancelled, or is refused; none is lost") {
  for (unsigned seed = 1; seed <= 300; ++seed) {
    CAPTURE(seed);
    std::mt19937 random(seed);
    bool cancel = random() % 2 == 0;
    std::atomic<int> ran = 0, taken = 0, refused = 0, cancelled = 0;
    {
      std::vector<threading::Thread> submitters;
      ThreadPoolExecutor pool(static_cast<std::ptrdiff_t>(1 + random() % 3));
      for (int t = 0; t < 3; ++t) {
        submitters.emplace_back([&] {
          for (int i = 0; i < 20; ++i) {
            try {
              Future<void> future = pool.submit([&] { ++ran; });
              ++taken;
              if (i % 5 == 0) future.cancel();
              // Whatever happens, it ends: nothing that was taken is forgotten.
              futures::wait(std::vector{future});
              if (future.cancelled()) ++cancelled;
            } catch (const heddle::RuntimeError&) {
              ++refused;
            }
          }
        });
        submitters.back().start();
      }
      for (unsigned spin = random() % 2000; spin > 0; --spin) {
        if (ran > 30) break;
      }
      pool.shutdown({.wait = random() % 2 == 0, .cancel_futures = cancel});
      for (auto& submitter : submitters) submitter.join();
    }
    CHECK(taken + refused == 60);
    CHECK(ran + cancelled == taken);
  }
}

TEST_CASE("teardown: jobs drop the last handle on their own pool, on several workers") {
  for (int round = 0; round < 100; ++round) {
    auto pool = std::make_shared<ThreadPoolExecutor>(3);
    threading::Event go;
    std::vector<Future<void>> fs;
    for (int i = 0; i < 6; ++i) {
      fs.push_back(pool->submit([own = pool, &go]() mutable {
        go.wait();
        own->shutdown();  // from inside: does not wait, so two of them do not wait for each other
        own.reset();
      }));
    }
    go.set();
    pool.reset();
    for (auto& future : fs) future.result();
    while (threading::active_count() > 1) std::this_thread::yield();  // the last workers end
  }
}

TEST_CASE("teardown: many threads shut one pool down in different ways while others submit to it") {
  for (unsigned seed = 1; seed <= 60; ++seed) {
    CAPTURE(seed);
    std::atomic<int> open = 0;
    std::vector<threading::Thread> threads;
    ThreadPoolExecutor pool(2);
    for (unsigned t = 0; t < 6; ++t) {
      threads.emplace_back([&, t, seed] {
        std::mt19937 random(seed * 100 + t);
        try {
          for (int i = 0; i < 30; ++i) {
            ++open;
            pool.submit([&] { --open; }).add_done_callback([&](const Future<void>& f) {
              if (f.cancelled()) --open;
            });
            if (random() % 40 == 0)
              pool.shutdown({.wait = random() % 2 == 0, .cancel_futures = random() % 2 == 0});
          }
        } catch (const heddle::RuntimeError&) {
          --open;
        }
      });
      threads.back().start();
    }
    for (auto& thread : threads) thread.join();
    pool.shutdown();
    CHECK(open == 0);
  }
}

TEST_CASE("teardown: an initialiser that fails beside submits leaves no future unfinished") {
  for (int round = 0; round < 100; ++round) {
    std::atomic<int> begun = 0;
    ThreadPoolExecutor pool(2, futures::ThreadPoolOptions().initializer([&] {
      if (++begun == 2) throw heddle::ValueError("init");
    }));
    std::vector<Future<void>> fs;
    try {
      for (int i = 0; i < 50; ++i) fs.push_back(pool.submit([] {}));
    } catch (const futures::BrokenThreadPool&) {
    }
    for (auto& future : fs) future.exception();
  }
}

TEST_CASE("teardown: a pool that was left behind by fork() refuses work, and ends at once") {
  auto* pool = new ThreadPoolExecutor(1);
  pool->submit([] {}).result();
  pid_t child = ::fork();
  if (child == 0) {
    int code = 1;
    try {
      pool->submit([] {});
    } catch (const heddle::RuntimeError&) {
      code = 0;
    }
    delete pool;
    ::_exit(code);
  }
  int status = -1;
  ::waitpid(child, &status, 0);
  CHECK(status == 0);
  CHECK(pool->submit([] { return 5; }).result() == 5);
  delete pool;
}
