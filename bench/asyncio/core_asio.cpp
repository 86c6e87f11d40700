// The rows of core.cpp for Asio's C++20 coroutines.
#include <asio.hpp>
#include <asio/experimental/awaitable_operators.hpp>

#include "../measure.h"

using asio::awaitable;
using asio::use_awaitable;
using namespace asio::experimental::awaitable_operators;
using namespace std::chrono_literals;

[[gnu::noinline]] static awaitable<long> child(long i) { co_return i + 1; }
static awaitable<void> yields(long n) {
  for (long i = 0; i < n; ++i) co_await asio::post(use_awaitable);
}

static awaitable<void> await_ready(long n) {
  bench::Row row("await_ready", n);
  long sum = 0;
  for (long i = 0; i < n; ++i) sum += co_await child(i);
  bench::keep(sum);
}

static awaitable<void> spawn_join(long n) {
  bench::Row row("spawn_join", n);
  auto executor = co_await asio::this_coro::executor;
  long sum = 0;
  for (long i = 0; i < n; ++i) sum += co_await asio::co_spawn(executor, child(i), use_awaitable);
  bench::keep(sum);
}

static awaitable<void> yield(long n) {
  bench::Row row("yield", n);
  co_await (yields(n / 2) && yields(n / 2));
}

static awaitable<void> gather(const char* name, long n, long k) {
  bench::Row row(name, n);
  auto executor = co_await asio::this_coro::executor;
  for (long round = 0; round < n / k; ++round) {
    long left = k;
    long sum = 0;
    asio::steady_timer all(executor, asio::steady_timer::time_point::max());
    for (long i = 0; i < k; ++i) {
      asio::co_spawn(executor, child(i), [&](std::exception_ptr, long x) {
        sum += x;
        if (--left == 0) all.cancel();
      });
    }
    asio::error_code error;
    co_await all.async_wait(asio::redirect_error(use_awaitable, error));
    bench::keep(sum);
  }
}

static awaitable<void> wait_for(long n) {
  bench::Row row("wait_for", n);
  auto executor = co_await asio::this_coro::executor;
  for (long i = 0; i < n; ++i) {
    asio::steady_timer limit(executor, 10s);
    co_await (yields(1) || limit.async_wait(use_awaitable));
  }
}

static awaitable<void> cancel(long n) {
  bench::Row row("cancel", n);
  auto executor = co_await asio::this_coro::executor;
  asio::steady_timer never(executor, asio::steady_timer::time_point::max());
  for (long i = 0; i < n; ++i) {
    asio::cancellation_signal signal;
    asio::steady_timer joined(executor, asio::steady_timer::time_point::max());
    asio::co_spawn(
        executor, [&]() -> awaitable<void> { co_await never.async_wait(use_awaitable); },
        asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr) { joined.cancel(); }));
    co_await asio::post(use_awaitable);
    signal.emit(asio::cancellation_type::all);
    asio::error_code error;
    co_await joined.async_wait(asio::redirect_error(use_awaitable, error));
  }
}

static awaitable<void> all(int argc, char** argv) {
  co_await await_ready(bench::rounds(argc, argv, 10'000'000));
  co_await spawn_join(bench::rounds(argc, argv, 1'000'000));
  co_await yield(bench::rounds(argc, argv, 3'000'000));
  co_await gather("gather10", bench::rounds(argc, argv, 1'000'000), 10);
  co_await gather("gather1000", bench::rounds(argc, argv, 1'000'000), 1000);
  co_await wait_for(bench::rounds(argc, argv, 200'000));
  co_await cancel(bench::rounds(argc, argv, 100'000));
}

int main(int argc, char** argv) {
  asio::io_context context(1);
  asio::co_spawn(context, all(argc, argv), [](std::exception_ptr error) {
    if (error) std::rethrow_exception(error);
  });
  context.run();
}
