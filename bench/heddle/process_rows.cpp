// Processes: D1 to D4.
#include <heddle/futures.h>

#include <numeric>
#include <string>

#include "rows.h"

namespace futures = heddle::futures;

namespace {

int one() { return 1; }
long add_one(long i) { return i + 1; }
std::string same(std::string bytes) { return bytes; }

void map_items(const char* row, long n, std::size_t chunksize) {
  std::vector<long> numbers(static_cast<std::size_t>(n));
  std::iota(numbers.begin(), numbers.end(), 0L);
  futures::ProcessPoolExecutor pool(2);
  pool.submit(one).result();
  bench::Stopwatch watch;
  long sum = 0;
  for (long x : pool.map(add_one, numbers, {.chunksize = chunksize})) sum += x;
  watch.report(row, n);
  bench::require(sum == n * (n + 1) / 2, "every item came out");
}

}  // namespace

void rows::proc_rt(long n) {
  futures::ProcessPoolExecutor pool(1);
  pool.submit(one).result();
  bench::Stopwatch watch;
  long done = 0;
  for (long i = 0; i < n; ++i) done += pool.submit(one).result();
  watch.report("proc_rt", n);
  bench::require(done == n, "every job ran");
}

void rows::proc_tp0(long n) {
  futures::ProcessPoolExecutor pool(2);
  pool.submit(one).result();
  bench::Stopwatch watch;
  std::vector<futures::Future<int>> results;
  results.reserve(static_cast<std::size_t>(n));
  for (long i = 0; i < n; ++i) results.push_back(pool.submit(one));
  long done = 0;
  for (auto& result : results) done += result.result();
  watch.report("proc_tp0", n);
  bench::require(done == n, "every job ran");
}

void rows::proc_map1(long n) { map_items("proc_map1", n, 1); }
void rows::proc_map100(long n) { map_items("proc_map100", n, 100); }

void rows::proc_1m(long n) {
  std::string bytes(1 << 20, 'x');
  futures::ProcessPoolExecutor pool(1);
  pool.submit(one).result();
  bench::Stopwatch watch;
  for (long i = 0; i < n; ++i) {
    bench::require(pool.submit(same, bytes).result().size() == bytes.size(), "all bytes came back");
  }
  watch.report("proc_1m", n);
}

void rows::proc_start(long n) {
  bench::Stopwatch watch;
  for (long i = 0; i < n; ++i) {
    futures::ProcessPoolExecutor pool(2);
    auto first = pool.submit(one);
    bench::require(first.result() + pool.submit(one).result() == 2, "both jobs ran");
  }
  watch.report("proc_start", n);
}
