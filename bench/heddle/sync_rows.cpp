// Cancelling, queues, locks: A10, A12, A13.
#include "rows.h"

namespace asyncio = heddle::asyncio;
using asyncio::Coro;
using namespace std::chrono_literals;

namespace {

Coro<void> wait_for_event(asyncio::Event& event) { co_await event.wait(); }

std::vector<asyncio::Task<void>> waiting_tasks(asyncio::Event& never, long n,
                                               const asyncio::TaskOptions& options) {
  std::vector<asyncio::Task<void>> tasks;
  tasks.reserve(static_cast<std::size_t>(n));
  for (long i = 0; i < n; ++i)
    tasks.push_back(asyncio::create_task(wait_for_event(never), options));
  return tasks;
}

// Each cancellation reaches whoever awaits the task, as an exception.
Coro<void> cancel_and_catch(long n) {
  asyncio::Event never;
  bench::Stopwatch watch;
  auto tasks = waiting_tasks(never, n, asyncio::TaskOptions());
  co_await asyncio::sleep(0s);
  for (auto& task : tasks) task.cancel();
  long cancelled = 0;
  for (auto& task : tasks) {
    try {
      co_await task;
    } catch (const heddle::CancelledError&) {
      ++cancelled;
    }
  }
  watch.report("cancel_storm", n);
  bench::require(cancelled == n, "every task was cancelled");
}

// Nobody handles the cancellation and nobody reads the value: only the end is awaited.
Coro<void> cancel_unread(long n) {
  asyncio::Event never;
  bench::Stopwatch watch;
  auto tasks = waiting_tasks(never, n, asyncio::TaskOptions().cancel_by_destroying(true));
  co_await asyncio::sleep(0s);
  for (auto& task : tasks) task.cancel();
  co_await asyncio::wait(tasks);
  long cancelled = 0;
  for (auto& task : tasks) cancelled += task.cancelled();
  watch.report("cancel_storm_unread", n);
  bench::require(cancelled == n, "every task was cancelled");
}

Coro<void> put_all(asyncio::Queue<long>& queue, long n) {
  for (long i = 0; i < n; ++i) co_await queue.put(i);
}

Coro<long> get_all(asyncio::Queue<long>& queue, long n) {
  long sum = 0;
  for (long i = 0; i < n; ++i) sum += co_await queue.get();
  co_return sum;
}

Coro<void> through_queue(const char* row, long n, long pairs) {
  asyncio::Queue<long> queue(1024);
  long share = n / pairs;
  bench::Stopwatch watch;
  std::vector<asyncio::Task<void>> producers;
  std::vector<asyncio::Task<long>> consumers;
  for (long i = 0; i < pairs; ++i) {
    producers.push_back(asyncio::create_task(put_all(queue, share)));
    consumers.push_back(asyncio::create_task(get_all(queue, share)));
  }
  long sum = 0;
  for (auto& producer : producers) co_await producer;
  for (auto& consumer : consumers) sum += co_await consumer;
  watch.report(row, pairs * share);
  bench::require(sum == pairs * share * (share - 1) / 2, "every item came out once");
}

Coro<void> lock_alone(long n) {
  asyncio::Lock lock;
  long count = 0;
  bench::Stopwatch watch;
  for (long i = 0; i < n; ++i) {
    auto held = co_await lock.hold();
    bench::keep(++count);
  }
  watch.report("mutex_uncontended", n);
}

Coro<void> lock_and_yield(asyncio::Lock& lock, long n, long& inside) {
  for (long i = 0; i < n; ++i) {
    auto held = co_await lock.hold();
    bench::require(inside++ == 0, "one at a time holds the lock");
    co_await asyncio::sleep(0s);
    --inside;
  }
}

Coro<void> hand_over(long n) {
  asyncio::Lock lock;
  long inside = 0;
  long share = std::max(1L, n / 8);
  bench::Stopwatch watch;
  std::vector<asyncio::Task<void>> tasks;
  for (int i = 0; i < 8; ++i) {
    tasks.push_back(asyncio::create_task(lock_and_yield(lock, share, inside)));
  }
  for (auto& task : tasks) co_await task;
  watch.report("mutex_handoff", 8 * share);
}

}  // namespace

void rows::cancel_storm(long n) { asyncio::run(cancel_and_catch(n)); }
void rows::cancel_storm_unread(long n) { asyncio::run(cancel_unread(n)); }
void rows::queue_spsc(long n) { asyncio::run(through_queue("queue_spsc", n, 1)); }
void rows::queue_mpmc(long n) { asyncio::run(through_queue("queue_mpmc", n, 4)); }
void rows::mutex_uncontended(long n) { asyncio::run(lock_alone(n)); }
void rows::mutex_handoff(long n) { asyncio::run(hand_over(n)); }
