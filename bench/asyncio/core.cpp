// Question:   what do the everyday operations of a loop cost?
// Operations: await_ready: await of a coroutine that returns at once. spawn_join: create a task and
// await it. yield: a switch
//             between two tasks. gather10, gather1000: a child of a gather. wait_for: of a
//             coroutine that yields once and does not expire. cancel: create a task that waits,
//             cancel and join it.
// Excluded:   starting the loop.
// Twins:      core_asio.cpp (Asio), core.py (CPython): the same operations, written as their
// documentation does.
#include <heddle/asyncio.h>

#include "../measure.h"

namespace asyncio = heddle::asyncio;
using asyncio::Coro;
using namespace std::chrono_literals;

[[gnu::noinline]] static Coro<long> child(long i) { co_return i + 1; }
static Coro<void> yields(long n) {
  for (long i = 0; i < n; ++i) co_await asyncio::sleep(0s);
}
static Coro<void> yields_once() { co_await asyncio::sleep(0s); }

static Coro<void> await_ready(long n) {
  bench::Row row("await_ready", n);
  long sum = 0;
  for (long i = 0; i < n; ++i) sum += co_await child(i);
  bench::keep(sum);
}

static Coro<void> spawn_join(long n) {
  bench::Row row("spawn_join", n);
  long sum = 0;
  for (long i = 0; i < n; ++i) sum += co_await asyncio::create_task(child(i));
  bench::keep(sum);
}

static Coro<void> yield(long n) {
  bench::Row row("yield", n);
  co_await asyncio::gather(yields(n / 2), yields(n / 2));
}

static Coro<void> gather(const char* name, long n, long k) {
  bench::Row row(name, n);
  for (long round = 0; round < n / k; ++round) {
    std::vector<Coro<long>> children;
    children.reserve(static_cast<std::size_t>(k));
    for (long i = 0; i < k; ++i) children.push_back(child(i));
    std::vector<long> results = co_await asyncio::gather(std::move(children));
    bench::keep(results[0]);
  }
}

static Coro<void> wait_for(long n) {
  bench::Row row("wait_for", n);
  for (long i = 0; i < n; ++i) co_await asyncio::wait_for(yields_once(), 10s);
}

static Coro<void> cancel(long n) {
  bench::Row row("cancel", n);
  asyncio::Event never;
  for (long i = 0; i < n; ++i) {
    auto task = asyncio::create_task(never.wait());
    co_await asyncio::sleep(0s);
    task.cancel();
    try {
      co_await task;
    } catch (const heddle::CancelledError&) {
      // as it should
    }
  }
}

static Coro<void> all(int argc, char** argv) {
  co_await await_ready(bench::rounds(argc, argv, 20'000'000));
  co_await spawn_join(bench::rounds(argc, argv, 5'000'000));
  co_await yield(bench::rounds(argc, argv, 10'000'000));
  co_await gather("gather10", bench::rounds(argc, argv, 4'000'000), 10);
  co_await gather("gather1000", bench::rounds(argc, argv, 4'000'000), 1000);
  co_await wait_for(bench::rounds(argc, argv, 2'000'000));
  co_await cancel(bench::rounds(argc, argv, 300'000));
}

int main(int argc, char** argv) { asyncio::run(all(argc, argv)); }
