// Rows between threads.
#include <atomic>
#include <semaphore>
#include <thread>
#include <vector>

#include "rows.h"

using asio::awaitable;
using asio::use_awaitable;
using namespace std::chrono_literals;

namespace {

awaitable<long> one() { co_return 1; }

awaitable<void> offload_loop(asio::thread_pool& pool, long n) {
  bench::Stopwatch watch;
  long done = 0;
  for (long i = 0; i < n; ++i) done += co_await asio::co_spawn(pool, one(), use_awaitable);
  watch.report("offload_rt", n);
  bench::require(done == n, "every call came back");
}

void post_many(const char* row, long n, std::chrono::nanoseconds body) {
  asio::thread_pool pool(2);
  std::atomic<long> left = n;
  bench::Stopwatch watch;
  for (long i = 0; i < n; ++i) {
    asio::post(pool, [&left, body] {
      if (body > 0ns) bench::busy(body);
      if (left.fetch_sub(1) == 1) left.notify_one();
    });
  }
  for (long now = left; now > 0; now = left) left.wait(now);
  watch.report(row, n);
}

}  // namespace

void rows::post_rt(long n) {
  asio::io_context context;
  auto work = asio::make_work_guard(context);
  std::thread foreign([&] {
    std::binary_semaphore answered(0);
    bench::Stopwatch watch;
    for (long i = 0; i < n; ++i) {
      asio::post(context, [&] { answered.release(); });
      answered.acquire();
    }
    watch.report("post_rt", n);
    work.reset();
  });
  context.run();
  foreign.join();
}

void rows::post_tp(long n) {
  asio::io_context context;
  auto work = asio::make_work_guard(context);
  long ran = 0;
  bench::Stopwatch watch;
  std::thread foreign([&] {
    for (long i = 0; i < n; ++i) {
      asio::post(context, [&] {
        if (++ran == n) work.reset();
      });
    }
  });
  context.run();
  watch.report("post_tp", n);
  foreign.join();
  bench::require(ran == n, "every callback ran");
}

void rows::exec_rt(long n) {
  asio::thread_pool pool(1);
  bench::Stopwatch watch;
  long done = 0;
  for (long i = 0; i < n; ++i) done += asio::post(pool, asio::use_future([] { return 1; })).get();
  watch.report("exec_rt", n);
  bench::require(done == n, "every job ran");
}

void rows::exec_tp0(long n) { post_many("exec_tp0", n, 0ns); }
void rows::exec_tp1(long n) { post_many("exec_tp1", n, 1us); }
void rows::exec_tp10(long n) { post_many("exec_tp10", n, 10us); }

void rows::offload_rt(long n) {
  asio::thread_pool pool(1);
  run(offload_loop(pool, n));
}
