#include <heddle/asyncio.h>

#include <latch>
#include <thread>

#include "seed/print.h"

namespace asyncio = heddle::asyncio;
using asyncio::Coro;
using heddle::ValueError;
using namespace std::chrono_literals;

static std::latch cancelled(1);

static Coro<int> add(std::optional<int> a, int b, heddle::Delay delay = 20ms) {
  try {
    co_await asyncio::sleep(delay);
  } catch (const heddle::CancelledError&) {
    cancelled.count_down();
    throw;
  }
  if (!a) throw ValueError("a");
  co_return *a + b;
}

static void from_thread(asyncio::EventLoop loop) {
  print(asyncio::run_coroutine_threadsafe(add(1, 2), loop).result(5s));
  try {
    asyncio::run_coroutine_threadsafe(add(std::nullopt, 2), loop).result(5s);
  } catch (const ValueError& e) {
    print("ValueError", e);
  }
  auto f = asyncio::run_coroutine_threadsafe(add(1, 2, 5s), loop);
  try {
    f.result(50ms);
  } catch (const heddle::TimeoutError&) {
    bool asked = f.cancel();
    cancelled.wait();
    print("TimeoutError; cancel:", asked, "reaches the coroutine:", true,
          std::is_same_v<decltype(f), heddle::futures::Future<int>>);
  }
  std::latch ev(1);
  loop.call_soon_threadsafe([&ev] { ev.count_down(); });
  ev.wait();
  print("ran in loop:", true);
}

static Coro<void> async_main() {
  asyncio::EventLoop loop = asyncio::get_running_loop();
  asyncio::Event ev;
  co_await asyncio::to_thread(from_thread, loop);
  std::thread timer([loop, &ev]() mutable {
    std::this_thread::sleep_for(50ms);
    loop.call_soon_threadsafe([&ev] { ev.set(); });
  });
  bool woken = co_await asyncio::wait_for(ev.wait(), 5s);
  print("woken from another thread:", woken);
  timer.join();
}

int main() { asyncio::run(async_main()); }
