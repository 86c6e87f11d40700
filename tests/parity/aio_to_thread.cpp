#include <heddle/asyncio.h>
#include <heddle/futures.h>
#include <heddle/threading.h>

#include <atomic>
#include <semaphore>
#include <thread>

#include "outcome.h"

namespace asyncio = heddle::asyncio;
namespace threading = heddle::threading;
using asyncio::Coro;
using asyncio::to_thread;
using namespace std::chrono_literals;

static heddle::ContextVar<std::string> var("var", "unset");
static std::vector<std::string> log_;

static void fail() { throw heddle::ValueError("in the thread"); }
static int add(int a, int b) { return a + b; }
static bool wait_at(std::binary_semaphore* gate) {
  gate->acquire();
  gate->release();
  return true;
}
static std::string change() {
  std::string before = var.get();
  var.set("thread's own");
  return before;
}
static bool elsewhere() { return threading::get_ident() != threading::main_thread().ident(); }
static bool named() { return threading::current_thread().name().starts_with("asyncio_"); }

static Coro<void> ticker(std::vector<int>& ticks, std::binary_semaphore& go) {
  for (int i = 0; i < 3; ++i) {
    ticks.push_back(i);
    co_await asyncio::sleep(0s);
  }
  go.release();
}

static Coro<void> results_and_contexts() {
  int sum = co_await to_thread(add, 1, 2);
  print(sum);
  try {
    co_await to_thread(fail);
  } catch (const heddle::ValueError&) {
    print(std::current_exception());
  }
  bool other = co_await to_thread(elsewhere);
  bool name = co_await to_thread(named);
  print(other, name);

  std::binary_semaphore go(0);
  std::vector<int> ticks;
  auto t = asyncio::create_task(ticker(ticks, go));
  bool waited = co_await to_thread(wait_at, &go);
  print(waited, ticks);
  co_await t;

  var.set("main");
  std::string in_thread = co_await to_thread(change);
  std::string mine = var.get();
  std::string in_executor = co_await asyncio::get_running_loop().run_in_executor(nullptr, change);
  print(in_thread, mine, in_executor);
}

static std::binary_semaphore begun(0);
static std::binary_semaphore go_on(0);
static std::atomic<bool> ran_on = false;

static std::string slow() {
  begun.release();
  go_on.acquire();
  ran_on = true;
  return "lost";
}

static Coro<void> cancellation() {
  asyncio::EventLoop loop = asyncio::get_running_loop();
  auto future = to_thread(slow);
  auto t = asyncio::create_task(
      [](asyncio::Future<std::string> f) -> Coro<std::string> { co_return co_await f; }, future);
  co_await to_thread(wait_at, &begun);
  t.cancel();
  co_await asyncio::wait(parity::list(t));
  print(end(t), std::vector<std::string>(ran_on ? 1 : 0));
  go_on.release();
  while (!ran_on) co_await asyncio::sleep(1ms);
  print(std::vector<std::string>{"ran on"});

  heddle::futures::ThreadPoolExecutor pool(1);
  std::binary_semaphore gate(0);
  std::vector<std::string> ran;
  auto append = [&ran](const char* text) { ran.push_back(text); };
  auto a = loop.run_in_executor(pool, wait_at, &gate);
  auto b = loop.run_in_executor(pool, append, "b");
  auto c = loop.run_in_executor(pool, append, "c");
  bool cancelled = b.cancel();
  print(cancelled, b.cancelled());
  gate.release();
  bool first = co_await a;
  co_await c;
  print(first, std::nullopt, ran);
  auto f = pool.submit(add, 3, 4);
  int wrapped = co_await asyncio::wrap_future(f);
  print(wrapped, f.result());
  pool.shutdown();

  std::binary_semaphore closed(0);
  try {
    co_await asyncio::wait_for(to_thread(wait_at, &closed), 20ms);
  } catch (const heddle::TimeoutError&) {
    print("TimeoutError");
  }
  closed.release();

  auto [x, y, z] =
      co_await asyncio::gather(to_thread(add, 0, 10), to_thread(add, 1, 10), to_thread(add, 2, 10));
  print(std::vector{x, y, z});
  try {
    loop.run_in_executor(pool, add, 1, 2);
  } catch (const heddle::RuntimeError& e) {
    print(std::string(e.what()).substr(0, 42));
  }
  co_await loop.shutdown_default_executor();
  try {
    co_await to_thread(add, 1, 2);
  } catch (const heddle::RuntimeError& e) {
    print(std::string(e.what()).substr(0, 33));
  }
}

static Coro<void> async_main() {
  co_await results_and_contexts();
  co_await cancellation();
}

static void sleeps() {
  std::this_thread::sleep_for(50ms);
  log_.push_back("thread done");
}

static Coro<void> leaves() {
  log_.push_back("main done");
  asyncio::get_running_loop().run_in_executor(nullptr, sleeps);
  co_return;
}

int main() {
  asyncio::run(async_main());
  asyncio::run(leaves());
  print(log_);
}
