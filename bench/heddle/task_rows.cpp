// Awaiting, tasks, gathering: A1 to A3, A5, A6, A11 and the empty program of F1.
#include "rows.h"

namespace asyncio = heddle::asyncio;
using asyncio::Coro;
using namespace std::chrono_literals;

namespace {

[[gnu::noinline]] Coro<long> child(long i) { co_return i + 1; }

long sum_to(long n) { return n * (n + 1) / 2; }  // of child(0) … child(n - 1)

Coro<void> await_ready_loop(long n) {
  bench::Stopwatch watch;
  long sum = 0;
  for (long i = 0; i < n; ++i) sum += co_await child(i);
  watch.report("await_ready", n);
  bench::require(sum == sum_to(n), "the sum of the children");
}

Coro<void> spawn_join_loop(long n) {
  bench::Stopwatch watch;
  long sum = 0;
  for (long i = 0; i < n; ++i) sum += co_await asyncio::create_task(child(i));
  watch.report("spawn_join", n);
  bench::require(sum == sum_to(n), "the sum of the children");
}

Coro<long> switches(long n) {
  for (long i = 0; i < n; ++i) co_await asyncio::sleep(0s);
  co_return n;
}

Coro<void> two_that_yield(long n) {
  bench::Stopwatch watch;
  auto one = asyncio::create_task(switches(n / 2));
  auto other = asyncio::create_task(switches(n / 2));
  long count = co_await one;
  count += co_await other;
  watch.report("yield", count);
}

Coro<void> gather_loop(const char* row, long n, long most) {
  long k = std::min(most, n);
  long rounds = n / k;
  bench::Stopwatch watch;
  long sum = 0;
  for (long round = 0; round < rounds; ++round) {
    std::vector<Coro<long>> children;
    children.reserve(static_cast<std::size_t>(k));
    for (long i = 0; i < k; ++i) children.push_back(child(i));
    for (long result : co_await asyncio::gather(std::move(children))) sum += result;
  }
  watch.report(row, rounds * k);
  bench::require(sum == rounds * sum_to(k), "the sum of the children");
}

Coro<void> task_group_loop(long n, long k) {
  long rounds = std::max(1L, n / k);
  bench::Stopwatch watch;
  long sum = 0;
  for (long round = 0; round < rounds; ++round) {
    std::vector<asyncio::Task<long>> tasks;
    tasks.reserve(static_cast<std::size_t>(k));
    auto body = [&](asyncio::TaskGroup& group) -> Coro<void> {
      for (long i = 0; i < k; ++i) tasks.push_back(group.create_task(child(i)));
      co_return;
    };
    co_await asyncio::with(asyncio::TaskGroup(), body);
    for (auto& task : tasks) sum += task.result();
  }
  watch.report("taskgroup1000", rounds * k);
  bench::require(sum == rounds * sum_to(k), "the sum of the children");
}

asyncio::AsyncGenerator<long> numbers(long n) {
  for (long i = 0; i < n; ++i) co_yield i;
}

Coro<void> generator_loop(long n) {
  bench::Stopwatch watch;
  long sum = 0;
  auto generator = numbers(n);
  while (auto number = co_await asyncio::next(generator)) sum += *number;
  watch.report("agen", n);
  bench::require(sum == sum_to(n - 1), "the sum of the items");
}

Coro<void> nothing() { co_return; }

}  // namespace

void rows::await_ready(long n) { asyncio::run(await_ready_loop(n)); }
void rows::spawn_join(long n) { asyncio::run(spawn_join_loop(n)); }
void rows::yield(long n) { asyncio::run(two_that_yield(n)); }
void rows::gather10(long n) { asyncio::run(gather_loop("gather10", n, 10)); }
void rows::gather1000(long n) { asyncio::run(gather_loop("gather1000", n, 1000)); }
void rows::gather1m(long n) { asyncio::run(gather_loop("gather1m", n, 1'000'000)); }
void rows::taskgroup1000(long n) { asyncio::run(task_group_loop(n, 1000)); }
void rows::agen(long n) { asyncio::run(generator_loop(n)); }
void rows::startup(long) { asyncio::run(nothing()); }
