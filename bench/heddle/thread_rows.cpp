// Between threads: B1 to B5, B7.
#include <heddle/futures.h>
#include <heddle/threading/semaphore.h>
#include <heddle/threading/thread.h>

#include <numeric>

#include "rows.h"

namespace asyncio = heddle::asyncio;
namespace futures = heddle::futures;
namespace threading = heddle::threading;
using asyncio::Coro;
using namespace std::chrono_literals;

namespace {

Coro<void> answer_posts(long n) {
  auto loop = asyncio::get_running_loop();
  asyncio::Event over;
  threading::Thread foreign([&] {
    threading::Semaphore answered(0);
    bench::Stopwatch watch;
    for (long i = 0; i < n; ++i) {
      loop.call_soon_threadsafe([&] { answered.release(); });
      answered.acquire();
    }
    watch.report("post_rt", n);
    loop.call_soon_threadsafe([&] { over.set(); });
  });
  foreign.start();
  co_await over.wait();
  foreign.join();
}

Coro<void> run_posts(long n) {
  auto loop = asyncio::get_running_loop();
  asyncio::Event over;
  long ran = 0;
  bench::Stopwatch watch;
  threading::Thread foreign([&] {
    for (long i = 0; i < n; ++i) {
      loop.call_soon_threadsafe([&] {
        if (++ran == n) over.set();
      });
    }
  });
  foreign.start();
  co_await over.wait();
  watch.report("post_tp", n);
  foreign.join();
}

int one() { return 1; }

void submit_many(const char* row, long n, std::chrono::nanoseconds body) {
  futures::ThreadPoolExecutor pool(2);
  pool.submit(one).result();
  auto job = [body] {
    if (body > 0ns) bench::busy(body);
    return 1;
  };
  bench::Stopwatch watch;
  std::vector<futures::Future<int>> results;
  results.reserve(static_cast<std::size_t>(n));
  for (long i = 0; i < n; ++i) results.push_back(pool.submit(job));
  pool.shutdown();  // waits for all, as leaving Python's with block does
  long done = 0;
  for (auto& result : results) done += result.result();
  watch.report(row, n);
  bench::require(done == n, "every job ran");
}

void map_items(const char* row, long n, std::size_t chunksize) {
  std::vector<long> numbers(static_cast<std::size_t>(n));
  std::iota(numbers.begin(), numbers.end(), 0L);
  futures::ThreadPoolExecutor pool(2);
  pool.submit(one).result();
  auto add_one = [](long i) { return i + 1; };
  bench::Stopwatch watch;
  long sum = 0;
  for (long x : pool.map(add_one, numbers, {.chunksize = chunksize})) sum += x;
  watch.report(row, n);
  bench::require(sum == n * (n + 1) / 2, "every item came out");
}

Coro<void> offload_loop(long n) {
  auto loop = asyncio::get_running_loop();
  bench::Stopwatch watch;
  long done = 0;
  for (long i = 0; i < n; ++i) done += co_await loop.run_in_executor(nullptr, one);
  watch.report("offload_rt", n);
  bench::require(done == n, "every call came back");
}

}  // namespace

void rows::post_rt(long n) { asyncio::run(answer_posts(n)); }
void rows::post_tp(long n) { asyncio::run(run_posts(n)); }
void rows::offload_rt(long n) { asyncio::run(offload_loop(n)); }

void rows::exec_rt(long n) {
  futures::ThreadPoolExecutor pool(1);
  pool.submit(one).result();
  bench::Stopwatch watch;
  long done = 0;
  for (long i = 0; i < n; ++i) done += pool.submit(one).result();
  watch.report("exec_rt", n);
  bench::require(done == n, "every job ran");
}

void rows::exec_tp0(long n) { submit_many("exec_tp0", n, 0ns); }
void rows::exec_tp1(long n) { submit_many("exec_tp1", n, 1us); }
void rows::exec_tp10(long n) { submit_many("exec_tp10", n, 10us); }

void rows::map_chunk1(long n) { map_items("map_chunk1", n, 1); }
void rows::map_chunk100(long n) { map_items("map_chunk100", n, 100); }
