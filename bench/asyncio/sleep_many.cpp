// Question:   what does a sleeping task cost in memory and CPU?
// Operation:  1,000,000 tasks that each sleep 1 s and up to 999 ms more, and end.
// Prints:     sleep_many_memory (peak bytes a task), sleep_many_cpu (nanoseconds of CPU a task,
// made, asleep, woken and joined).
#include <heddle/asyncio.h>
#include <sys/resource.h>

#include "../measure.h"

namespace asyncio = heddle::asyncio;
using asyncio::Coro;

static Coro<void> sleeper(long i, long& left, asyncio::Event& over) {
  co_await asyncio::sleep(std::chrono::milliseconds(1000 + i % 1000));
  if (--left == 0) over.set();
}

static rusage usage() {
  rusage now{};
  ::getrusage(RUSAGE_SELF, &now);
  return now;
}

static double cpu_seconds(const rusage& used) {
  auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

static Coro<void> sleep_many(long n) {
  rusage before = usage();
  long left = n;
  asyncio::Event over;
  for (long i = 0; i < n; ++i) asyncio::create_task(sleeper(i, left, over));
  co_await over.wait();
  rusage after = usage();
  std::printf("sleep_many_memory %.1f\n", static_cast<double>(after.ru_maxrss - before.ru_maxrss) *
                                              1024 / static_cast<double>(n));
  std::printf("sleep_many_cpu %.1f\n",
              (cpu_seconds(after) - cpu_seconds(before)) * 1e9 / static_cast<double>(n));
}

int main(int argc, char** argv) { asyncio::run(sleep_many(bench::rounds(argc, argv, 1'000'000))); }
