// Timers: A4, A7 to A9.
#include "rows.h"

namespace asyncio = heddle::asyncio;
using asyncio::Coro;
using namespace std::chrono_literals;

namespace {

Coro<void> sleeper(long i) { co_await asyncio::sleep(std::chrono::milliseconds(1000 + i % 1000)); }

Coro<void> sleep_all(long n) {
  double before = bench::peak_bytes();
  bench::Stopwatch watch;
  std::vector<asyncio::Task<void>> tasks;
  tasks.reserve(static_cast<std::size_t>(n));
  for (long i = 0; i < n; ++i) tasks.push_back(asyncio::create_task(sleeper(i)));
  for (auto& task : tasks) co_await task;
  bench::report("sleep_many_wall", watch.seconds());
  watch.report_cpu("sleep_many_cpu", n);
  bench::report("sleep_many_mem", (bench::peak_bytes() - before) / static_cast<double>(n));
}

void never() { bench::require(false, "a timer of a minute fired"); }

std::vector<asyncio::TimerHandle> standing_timers(asyncio::EventLoop& loop) {
  std::vector<asyncio::TimerHandle> standing;
  for (int i = 0; i < 100'000; ++i) {
    standing.push_back(loop.call_later(std::chrono::milliseconds(60'000 + i), never));
  }
  return standing;
}

Coro<void> cancel_timers(long n) {
  auto loop = asyncio::get_running_loop();
  auto standing = standing_timers(loop);
  bench::Stopwatch watch;
  for (long i = 0; i < n; ++i) {
    auto timer = loop.call_later(60s + std::chrono::milliseconds(i % 60'000), never);
    timer.cancel();
    if (i % 1000 == 999) co_await asyncio::sleep(0s);
  }
  watch.report("timer_cancel", n);
  for (auto& timer : standing) timer.cancel();
}

// A thousand at a time, with a turn of the loop between setting and cancelling.
Coro<void> cancel_armed_timers(long n) {
  auto loop = asyncio::get_running_loop();
  auto standing = standing_timers(loop);
  long set = 0;
  std::vector<asyncio::TimerHandle> timers;
  timers.reserve(1000);
  bench::Stopwatch watch;
  while (set < n) {
    for (int i = 0; i < 1000; ++i, ++set) {
      auto delay = std::chrono::milliseconds(60'000 + set * 7919 % 60'000);
      timers.push_back(loop.call_later(delay, never));
    }
    co_await asyncio::sleep(0s);
    for (auto& timer : timers) timer.cancel();
    timers.clear();
  }
  watch.report("timer_cancel_armed", set);
  for (auto& timer : standing) timer.cancel();
}

Coro<void> fire_timers(long n) {
  auto loop = asyncio::get_running_loop();
  asyncio::Event all;
  long fired = 0;
  bench::Stopwatch watch;
  for (long i = 0; i < n; ++i) {
    loop.call_later(std::chrono::milliseconds(1 + i * 7919 % 1000), [&] {
      if (++fired == n) all.set();
    });
  }
  co_await all.wait();
  watch.report_cpu("timer_fire", n);
}

Coro<long> yields_once() {
  co_await asyncio::sleep(0s);
  co_return 1;
}

Coro<void> wait_for_loop(long n) {
  bench::Stopwatch watch;
  long done = 0;
  for (long i = 0; i < n; ++i) done += co_await asyncio::wait_for(yields_once(), 10s);
  watch.report("wait_for", n);
  bench::require(done == n, "every wait ends with its value");
}

Coro<void> timeout_loop(long n) {
  bench::Stopwatch watch;
  long done = 0;
  for (long i = 0; i < n; ++i) {
    auto body = [&]() -> Coro<void> {
      co_await asyncio::sleep(0s);
      ++done;
    };
    co_await asyncio::with(asyncio::timeout(10s), body);
  }
  watch.report("timeout_ctx", n);
  bench::require(done == n, "every body ran");
}

}  // namespace

void rows::sleep_many(long n) { asyncio::run(sleep_all(n)); }
void rows::timer_cancel(long n) { asyncio::run(cancel_timers(n)); }
void rows::timer_cancel_armed(long n) { asyncio::run(cancel_armed_timers(n)); }
void rows::timer_fire(long n) { asyncio::run(fire_timers(n)); }
void rows::wait_for(long n) { asyncio::run(wait_for_loop(n)); }
void rows::timeout_ctx(long n) { asyncio::run(timeout_loop(n)); }
