// Limits of the rows of one thread.
#include <unistd.h>

#include <memory>

#include "coroutines.h"
#include "rows.h"

using namespace limits;

namespace {

long sum_to(long n) { return n * (n + 1) / 2; }  // of child(0) … child(n - 1)

[[gnu::noinline]] Coro child(long i) { co_return i + 1; }
[[gnu::noinline]] Task task_child(long i) { co_return i + 1; }

Root await_loop(long n, long& sum) {
  for (long i = 0; i < n; ++i) sum += co_await child(i);
}

Root spawn_loop(long n, long& sum) {
  for (long i = 0; i < n; ++i) sum += co_await task_child(i);
}

Root switches(long n) {
  for (long i = 0; i < n; ++i) co_await Yield{};
}

Root gather_loop(long rounds, long k, long& sum) {
  std::vector<Task> tasks;
  tasks.reserve(static_cast<std::size_t>(k));
  for (long round = 0; round < rounds; ++round) {
    tasks.clear();
    for (long i = 0; i < k; ++i) tasks.push_back(task_child(i));
    for (auto& task : tasks) sum += co_await task;
  }
}

void gather(const char* row, long n, long most) {
  long k = std::min(most, n);
  long rounds = n / k;
  long sum = 0;
  bench::Stopwatch watch;
  gather_loop(rounds, k, sum);
  run_ready();
  watch.report(row, rounds * k);
  bench::require(sum == rounds * sum_to(k), "the sum of the children");
}

class Generator {
 public:
  struct promise_type : Pooled {
    Generator get_return_object() {
      return Generator(std::coroutine_handle<promise_type>::from_promise(*this));
    }
    std::suspend_always initial_suspend() noexcept { return {}; }
    Return final_suspend() noexcept { return {}; }
    Return yield_value(long x) {
      value = x;
      return {};
    }
    void return_void() {}
    std::coroutine_handle<> awaiting;
    long value = 0;
  };
  struct Next {
    std::coroutine_handle<promise_type> handle;
    bool await_ready() const { return false; }
    std::coroutine_handle<> await_suspend(std::coroutine_handle<> awaiting) const {
      handle.promise().awaiting = awaiting;
      return handle;
    }
    bool await_resume() const { return !handle.done(); }
  };

  explicit Generator(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
  Generator(const Generator&) = delete;
  ~Generator() { handle_.destroy(); }
  Next next() const { return {handle_}; }
  long value() const { return handle_.promise().value; }

 private:
  std::coroutine_handle<promise_type> handle_;
};

Generator numbers(long n) {
  for (long i = 0; i < n; ++i) co_yield i;
}

Root generator_loop(long n, long& sum) {
  auto generator = numbers(n);
  while (co_await generator.next()) sum += generator.value();
}

TimerHeap timers;

std::uint64_t now() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000 +
         static_cast<std::uint64_t>(time.tv_nsec);
}

struct Sleep {
  TimerHeap::Timer timer;
  explicit Sleep(std::uint64_t when) { timer.when = when; }
  Sleep(const Sleep&) = delete;
  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> handle) {
    timer.coroutine = handle;
    timers.insert(timer);
  }
  void await_resume() const {}
};

Root sleeper(std::uint64_t when, long& left) {
  co_await Sleep(when);
  --left;
}

// A deadline that is armed while what it limits is suspended.
Root wait_for_loop(long n) {
  TimerHeap::Timer limit;
  for (long i = 0; i < n; ++i) {
    limit.when = static_cast<std::uint64_t>(i);
    timers.insert(limit);
    co_await Yield{};
    timers.remove(limit);
  }
}

}  // namespace

void rows::await_ready(long n) {
  long sum = 0;
  bench::Stopwatch watch;
  await_loop(n, sum);
  watch.report("await_ready", n);
  bench::require(sum == sum_to(n), "the sum of the children");
}

void rows::spawn_join(long n) {
  long sum = 0;
  bench::Stopwatch watch;
  spawn_loop(n, sum);
  run_ready();
  watch.report("spawn_join", n);
  bench::require(sum == sum_to(n), "the sum of the children");
}

void rows::yield(long n) {
  bench::Stopwatch watch;
  switches(n / 2);
  switches(n / 2);
  run_ready();
  watch.report("yield", n / 2 * 2);
}

void rows::gather10(long n) { gather("gather10", n, 10); }
void rows::gather1000(long n) { gather("gather1000", n, 1000); }
void rows::gather1m(long n) { gather("gather1m", n, 1'000'000); }

void rows::agen(long n) {
  long sum = 0;
  bench::Stopwatch watch;
  generator_loop(n, sum);
  watch.report("agen", n);
  bench::require(sum == sum_to(n - 1), "the sum of the items");
}

void rows::sleep_many(long n) {
  double before = bench::peak_bytes();
  bench::Stopwatch watch;
  long left = n;
  for (long i = 0; i < n; ++i) {
    sleeper(now() + static_cast<std::uint64_t>(1000 + i % 1000) * 1'000'000, left);
  }
  while (!timers.empty()) {
    std::uint64_t time = now();
    while (!timers.empty() && timers.first().when <= time) {
      auto& timer = timers.first();
      timers.remove(timer);
      timer.coroutine.resume();
    }
    if (!timers.empty() && timers.first().when > time) {
      ::usleep(static_cast<useconds_t>((timers.first().when - time) / 1000 + 1));
    }
  }
  bench::report("sleep_many_wall", watch.seconds());
  watch.report_cpu("sleep_many_cpu", n);
  bench::report("sleep_many_mem", (bench::peak_bytes() - before) / static_cast<double>(n));
  bench::require(left == 0, "everybody woke");
}

void rows::timer_cancel(long n) {
  constexpr std::size_t count = 100'000;
  auto standing = std::make_unique<TimerHeap::Timer[]>(count);
  for (std::size_t i = 0; i < count; ++i) {
    standing[i].when = 60'000 + i;
    timers.insert(standing[i]);
  }
  TimerHeap::Timer timer;
  bench::Stopwatch watch;
  for (long i = 0; i < n; ++i) {
    timer.when = static_cast<std::uint64_t>(60'000 + i % 60'000);
    timers.insert(timer);
    bench::keep(timer);
    timers.remove(timer);
  }
  watch.report("timer_cancel", n);
  for (std::size_t i = 0; i < count; ++i) timers.remove(standing[i]);
}

void rows::timer_cancel_armed(long n) {
  constexpr std::size_t count = 100'000;
  auto standing = std::make_unique<TimerHeap::Timer[]>(count);
  for (std::size_t i = 0; i < count; ++i) {
    standing[i].when = 60'000 + i;
    timers.insert(standing[i]);
  }
  auto batch = std::make_unique<TimerHeap::Timer[]>(1000);
  long set = 0;
  bench::Stopwatch watch;
  while (set < n) {
    for (int i = 0; i < 1000; ++i, ++set) {
      batch[i].when = static_cast<std::uint64_t>(60'000 + set * 7919 % 60'000);
      timers.insert(batch[i]);
    }
    for (int i = 0; i < 1000; ++i) timers.remove(batch[i]);
  }
  watch.report("timer_cancel_armed", set);
  for (std::size_t i = 0; i < count; ++i) timers.remove(standing[i]);
}

void rows::wait_for(long n) {
  bench::Stopwatch watch;
  wait_for_loop(n);
  run_ready();
  watch.report("wait_for", n);
}
