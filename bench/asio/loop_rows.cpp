// Rows of one thread.
#include <asio/experimental/awaitable_operators.hpp>
#include <asio/experimental/channel.hpp>

#include <memory>
#include <vector>

#include "rows.h"

using asio::awaitable;
using asio::use_awaitable;
using namespace asio::experimental::awaitable_operators;
using namespace std::chrono_literals;
using Channel = asio::experimental::channel<void(asio::error_code, long)>;

namespace {

[[gnu::noinline]] awaitable<long> child(long i) { co_return i + 1; }

long sum_to(long n) { return n * (n + 1) / 2; }  // of child(0) … child(n - 1)

void rethrow(std::exception_ptr error) {
  if (error) std::rethrow_exception(error);
}

awaitable<void> await_loop(long n) {
  bench::Stopwatch watch;
  long sum = 0;
  for (long i = 0; i < n; ++i) sum += co_await child(i);
  watch.report("await_ready", n);
  bench::require(sum == sum_to(n), "the sum of the children");
}

awaitable<void> spawn_loop(long n) {
  auto executor = co_await asio::this_coro::executor;
  bench::Stopwatch watch;
  long sum = 0;
  for (long i = 0; i < n; ++i) sum += co_await asio::co_spawn(executor, child(i), use_awaitable);
  watch.report("spawn_join", n);
  bench::require(sum == sum_to(n), "the sum of the children");
}

awaitable<void> switches(long n) {
  for (long i = 0; i < n; ++i) co_await asio::post(use_awaitable);
}

awaitable<void> gather_loop(const char* row, long n, long most) {
  auto executor = co_await asio::this_coro::executor;
  long k = std::min(most, n);
  long rounds = n / k;
  bench::Stopwatch watch;
  long sum = 0;
  for (long round = 0; round < rounds; ++round) {
    long left = k;
    std::vector<long> results(static_cast<std::size_t>(k));
    asio::steady_timer all(executor, asio::steady_timer::time_point::max());
    for (long i = 0; i < k; ++i) {
      asio::co_spawn(executor, child(i), [&, i](std::exception_ptr error, long result) {
        rethrow(error);
        results[static_cast<std::size_t>(i)] = result;
        if (--left == 0) all.cancel();
      });
    }
    asio::error_code cancelled;
    co_await all.async_wait(asio::redirect_error(use_awaitable, cancelled));
    for (long result : results) sum += result;
  }
  watch.report(row, rounds * k);
  bench::require(sum == rounds * sum_to(k), "the sum of the children");
}

awaitable<void> sleeper(long i, long& left) {
  asio::steady_timer timer(co_await asio::this_coro::executor,
                           std::chrono::milliseconds(1000 + i % 1000));
  co_await timer.async_wait(use_awaitable);
  --left;
}

awaitable<void> wait_for_loop(long n) {
  auto executor = co_await asio::this_coro::executor;
  bench::Stopwatch watch;
  long done = 0;
  for (long i = 0; i < n; ++i) {
    asio::steady_timer limit(executor, 10s);
    auto first = co_await (asio::post(use_awaitable) || limit.async_wait(use_awaitable));
    done += first.index() == 0;
  }
  watch.report("wait_for", n);
  bench::require(done == n, "every wait ends with its value");
}

awaitable<void> wait_forever() {
  asio::steady_timer never(co_await asio::this_coro::executor,
                           asio::steady_timer::time_point::max());
  co_await never.async_wait(use_awaitable);
}

awaitable<void> cancel_all(long n) {
  auto executor = co_await asio::this_coro::executor;
  asio::steady_timer all(executor, asio::steady_timer::time_point::max());
  long left = n;
  long cancelled = 0;
  bench::Stopwatch watch;
  std::vector<asio::cancellation_signal> signals(static_cast<std::size_t>(n));
  for (auto& signal : signals) {
    auto ended = [&](std::exception_ptr error) {
      cancelled += error != nullptr;
      if (--left == 0) all.cancel();
    };
    asio::co_spawn(executor, wait_forever(), asio::bind_cancellation_slot(signal.slot(), ended));
  }
  co_await asio::post(use_awaitable);
  for (auto& signal : signals) signal.emit(asio::cancellation_type::all);
  asio::error_code over;
  if (left > 0) co_await all.async_wait(asio::redirect_error(use_awaitable, over));
  watch.report("cancel_storm", n);
  bench::require(cancelled == n, "every task was cancelled");
}

awaitable<void> put_all(Channel& channel, long n) {
  for (long i = 0; i < n; ++i) co_await channel.async_send(asio::error_code(), i, use_awaitable);
}

awaitable<void> get_all(Channel& channel, long n, long& sum) {
  for (long i = 0; i < n; ++i) sum += co_await channel.async_receive(use_awaitable);
}

void through_channel(const char* row, long n, long pairs) {
  asio::io_context context(1);
  Channel channel(context, 1024);
  long share = n / pairs;
  long sum = 0;
  bench::Stopwatch watch;
  for (long i = 0; i < pairs; ++i) {
    asio::co_spawn(context, put_all(channel, share), rethrow);
    asio::co_spawn(context, get_all(channel, share, sum), rethrow);
  }
  context.run();
  watch.report(row, pairs * share);
  bench::require(sum == pairs * share * (share - 1) / 2, "every item came out once");
}

awaitable<void> nothing() { co_return; }

}  // namespace

void rows::run(awaitable<void> coroutine) {
  asio::io_context context(1);
  asio::co_spawn(context, std::move(coroutine), rethrow);
  context.run();
}

void rows::await_ready(long n) { run(await_loop(n)); }
void rows::spawn_join(long n) { run(spawn_loop(n)); }
void rows::gather10(long n) { run(gather_loop("gather10", n, 10)); }
void rows::gather1000(long n) { run(gather_loop("gather1000", n, 1000)); }
void rows::gather1m(long n) { run(gather_loop("gather1m", n, 1'000'000)); }
void rows::wait_for(long n) { run(wait_for_loop(n)); }
void rows::cancel_storm(long n) { run(cancel_all(n)); }
void rows::queue_spsc(long n) { through_channel("queue_spsc", n, 1); }
void rows::queue_mpmc(long n) { through_channel("queue_mpmc", n, 4); }
void rows::startup(long) { run(nothing()); }

void rows::yield(long n) {
  asio::io_context context(1);
  asio::co_spawn(context, switches(n / 2), rethrow);
  asio::co_spawn(context, switches(n / 2), rethrow);
  bench::Stopwatch watch;
  context.run();
  watch.report("yield", n / 2 * 2);
}

void rows::sleep_many(long n) {
  double before = bench::peak_bytes();
  bench::Stopwatch watch;
  asio::io_context context(1);
  long left = n;
  for (long i = 0; i < n; ++i) asio::co_spawn(context, sleeper(i, left), asio::detached);
  context.run();
  bench::report("sleep_many_wall", watch.seconds());
  watch.report_cpu("sleep_many_cpu", n);
  bench::report("sleep_many_mem", (bench::peak_bytes() - before) / static_cast<double>(n));
  bench::require(left == 0, "everybody woke");
}

static void ended(asio::error_code error) {
  bench::require(bool(error), "a timer of a minute does not fire");
}

static std::vector<asio::steady_timer> standing_timers(asio::io_context& context) {
  std::vector<asio::steady_timer> standing;
  standing.reserve(100'000);
  for (int i = 0; i < 100'000; ++i) {
    standing.emplace_back(context, std::chrono::milliseconds(60'000 + i)).async_wait(ended);
  }
  return standing;
}

void rows::timer_cancel_armed(long n) {
  asio::io_context context(1);
  auto standing = standing_timers(context);
  long set = 0;
  std::vector<asio::steady_timer> timers;
  timers.reserve(1000);
  bench::Stopwatch watch;
  while (set < n) {
    for (int i = 0; i < 1000; ++i, ++set) {
      auto delay = std::chrono::milliseconds(60'000 + set * 7919 % 60'000);
      timers.emplace_back(context, delay).async_wait(ended);
    }
    context.poll();
    for (auto& timer : timers) timer.cancel();
    timers.clear();
    context.poll();
  }
  watch.report("timer_cancel_armed", set);
}

void rows::timer_cancel(long n) {
  asio::io_context context(1);
  auto standing = standing_timers(context);
  bench::Stopwatch watch;
  for (long i = 0; i < n; ++i) {
    asio::steady_timer timer(context, 60s + std::chrono::milliseconds(i % 60'000));
    timer.async_wait(ended);
    timer.cancel();
    if (i % 1000 == 999) context.poll();
  }
  watch.report("timer_cancel", n);
}

void rows::timer_fire(long n) {
  asio::io_context context(1);
  std::vector<asio::steady_timer> timers;
  timers.reserve(static_cast<std::size_t>(n));
  long fired = 0;
  bench::Stopwatch watch;
  for (long i = 0; i < n; ++i) {
    timers.emplace_back(context, std::chrono::milliseconds(1 + i * 7919 % 1000))
        .async_wait([&](asio::error_code error) { fired += !error; });
  }
  context.run();
  watch.report_cpu("timer_fire", n);
  bench::require(fired == n, "every timer fired");
}
