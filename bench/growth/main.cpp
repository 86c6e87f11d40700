// Question: does a task, or a timer, cost more when there are more of them?
// bench_growth ROW N: what one costs among N, in nanoseconds; from 10,000 on also in bytes of
// memory.
#include <heddle/asyncio.h>
#include <unistd.h>

#include "../harness.h"

namespace asyncio = heddle::asyncio;
using asyncio::Coro;
using namespace std::chrono_literals;

namespace {

constexpr long work = 1'000'000;  // operations of a measurement, when there are fewer of a kind
constexpr long least_memory = 10'000;  // fewer do not show in the pages of a process

double resident_bytes() {
  long pages = 0;
  long resident = 0;
  std::FILE* file = std::fopen("/proc/self/statm", "r");
  bench::require(std::fscanf(file, "%ld %ld", &pages, &resident) == 2, "memory can be read");
  std::fclose(file);
  return static_cast<double>(resident) * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

[[gnu::noinline]] Coro<long> child(long i) { co_return i; }

Coro<void> spawn_and_join(long n) {
  long rounds = std::max(1L, work / n);
  std::vector<asyncio::Task<long>> tasks;
  tasks.reserve(static_cast<std::size_t>(n));
  bench::Stopwatch watch;
  for (long round = 0; round < rounds; ++round) {
    for (long i = 0; i < n; ++i) tasks.push_back(asyncio::create_task(child(i)));
    for (auto& task : tasks) co_await task;
    tasks.clear();
  }
  watch.report("task_spawn_join", rounds * n);
}

// Few are measured again and again: a single one would show what is cold.
long rounds_of(long n) { return std::max(1L, 1000 / n); }

std::chrono::microseconds nap{};
long asleep = 0;
asyncio::Event* all_awake = nullptr;

// Without parameters or locals, so that its memory is all the library's.
Coro<void> sleeper() {
  co_await asyncio::sleep(nap);
  if (--asleep == 0) all_awake->set();
}

Coro<void> sleep_together(long n) {
  nap = std::chrono::microseconds(1000 + 3 * n);  // all are asleep before the first wakes
  double before = resident_bytes();
  double bytes = 0;
  long rounds = rounds_of(n);
  bench::Stopwatch watch;
  for (long round = 0; round < rounds; ++round) {
    asyncio::Event over;
    all_awake = &over;
    asleep = n;
    for (long i = 0; i < n; ++i) asyncio::create_task(sleeper());
    co_await asyncio::sleep(0s);  // now they have begun
    bytes = (resident_bytes() - before) / static_cast<double>(n);
    co_await over.wait();
  }
  watch.report_cpu("task_sleep", rounds * n);
  if (n >= least_memory) bench::report("task_bytes", bytes);
}

void nothing() {}

// A thousand at a time, with a turn of the loop between setting and cancelling.
Coro<void> set_and_cancel(long n) {
  auto loop = asyncio::get_running_loop();
  double before = resident_bytes();
  std::vector<asyncio::TimerHandle> standing;
  standing.reserve(static_cast<std::size_t>(n));
  for (long i = 0; i < n; ++i) {
    standing.push_back(loop.call_later(std::chrono::microseconds(60'000'000 + i), nothing));
  }
  if (n >= least_memory) {
    bench::report("timer_bytes", (resident_bytes() - before) / static_cast<double>(n));
  }
  std::vector<asyncio::TimerHandle> timers;
  timers.reserve(1000);
  bench::Stopwatch watch;
  for (long set = 0; set < work;) {
    for (int i = 0; i < 1000; ++i, ++set) {
      auto delay = 60s + std::chrono::microseconds(set * 7919 % work);
      timers.push_back(loop.call_later(delay, nothing));
    }
    co_await asyncio::sleep(0s);
    for (auto& timer : timers) timer.cancel();
    timers.clear();
  }
  watch.report("timer_set_cancel", work);
  for (auto& timer : standing) timer.cancel();
}

Coro<void> fire(long n) {
  auto loop = asyncio::get_running_loop();
  long rounds = rounds_of(n);
  bench::Stopwatch watch;
  for (long round = 0; round < rounds; ++round) {
    asyncio::Event over;
    long left = n;
    for (long i = 0; i < n; ++i) {
      loop.call_later(std::chrono::microseconds(1000 + n + i * 7919 % n), [&] {
        if (--left == 0) over.set();
      });
    }
    co_await over.wait();
  }
  watch.report_cpu("timer_fire", rounds * n);
}

void task_sleep(long n) { asyncio::run(sleep_together(n)); }
void task_spawn_join(long n) { asyncio::run(spawn_and_join(n)); }
void timer_fire(long n) { asyncio::run(fire(n)); }
void timer_set_cancel(long n) { asyncio::run(set_and_cancel(n)); }

}  // namespace

int main(int argc, char** argv) {
  using bench::Warm;
  static constexpr bench::Row table[] = {
      {"task_spawn_join", 1000, task_spawn_join, Warm::no},
      {"task_sleep", 1000, task_sleep, Warm::no},
      {"timer_set_cancel", 1000, timer_set_cancel, Warm::no},
      {"timer_fire", 1000, timer_fire, Warm::no},
  };
  return bench::main(argc, argv, table);
}
