#include <heddle/asyncio.h>

#include "seed/print.h"

namespace asyncio = heddle::asyncio;
using asyncio::Coro;
using namespace std::chrono_literals;

static std::vector<std::string> log_;

static void note(std::string text) { log_.push_back(std::move(text)); }
static void show() {
  print(log_);
  log_.clear();
}

static void chain(std::string tag, int n) {
  note(tag + std::to_string(n));
  if (n != 0) asyncio::get_running_loop().call_soon(chain, tag, n - 1);
}

static Coro<std::string> worker(std::string tag, int n) {
  for (int i = 0; i < n; ++i) {
    note(tag + std::to_string(i));
    co_await asyncio::sleep(0s);
  }
  note(tag + " ends");
  co_return tag;
}

static Coro<void> waiter(asyncio::Future<int> fut, std::string tag) {
  note(tag + " waits");
  int r = co_await fut;
  note(tag + " got " + std::to_string(r));
}

static Coro<int> level(int n) {
  if (n == 0) {
    co_await asyncio::sleep(0s);
    co_return 0;
  }
  int deeper = co_await level(n - 1);
  co_return 1 + deeper;
}

static Coro<int> tree(int n) {
  if (n == 0) {
    note("leaf");
    co_return 1;
  }
  auto a = asyncio::create_task(tree(n - 1));
  auto b = asyncio::create_task(tree(n - 1));
  note("node" + std::to_string(n));
  int left = co_await a;
  int right = co_await b;
  co_return left + right;
}

static Coro<void> pinger(std::string tag, asyncio::Event& mine, asyncio::Event& other) {
  for (int i = 0; i < 2; ++i) {
    co_await mine.wait();
    mine.clear();
    note(tag + std::to_string(i));
    other.set();
  }
}

static Coro<void> tasks_and_futures(asyncio::EventLoop loop) {
  std::vector<asyncio::Task<std::string>> ts;
  for (auto [x, n] : {std::pair("x", 3), std::pair("y", 1), std::pair("z", 2)}) {
    ts.push_back(asyncio::create_task(worker(x, n)));
  }
  note("created");
  loop.call_soon(note, "soon");
  std::vector<std::string> all = co_await asyncio::gather(std::move(ts));
  print(all);
  show();

  auto fut = loop.create_future<int>();
  std::vector<asyncio::Task<void>> ws;
  for (const char* x : {"1", "2", "3"}) ws.push_back(asyncio::create_task(waiter(fut, x)));
  co_await asyncio::sleep(0s);
  fut.add_done_callback([](asyncio::Future<int>) { note("callback"); });
  loop.call_soon(note, "queued before");
  fut.set_result(7);
  loop.call_soon(note, "queued after");
  note("set");
  co_await asyncio::sleep(0s);
  note("main");
  co_await asyncio::wait(ws);
  show();

  auto t = asyncio::create_task(level(50));
  int turns = 0;
  while (!t.done()) {
    co_await asyncio::sleep(0s);
    ++turns;
  }
  print("deep:", t.result(), turns);
}

static Coro<void> async_main() {
  asyncio::EventLoop loop = asyncio::get_running_loop();
  loop.call_soon(chain, "a", 3);
  loop.call_soon(chain, "b", 2);
  auto h = loop.call_soon(note, "never");
  h.cancel();
  print(h.cancelled());
  loop.call_later(0s, note, "timer");
  for (int i = 0; i < 6; ++i) co_await asyncio::sleep(0s);
  show();

  co_await tasks_and_futures(loop);

  auto done = asyncio::create_task(asyncio::sleep(0s, std::string("r")));
  co_await done;
  loop.call_soon(note, "other");
  for (int i = 0; i < 3; ++i) note(co_await done);
  co_await asyncio::sleep(0s);
  show();

  int leaves = co_await tree(2);
  print(leaves, log_);
  log_.clear();

  asyncio::Event e1;
  asyncio::Event e2;
  e1.set();
  loop.call_soon(note, "cs1");
  co_await asyncio::gather(pinger("ping", e1, e2), pinger("pong", e2, e1));
  show();

  auto t0 = loop.time();
  loop.call_at(t0 + 30'000'000, note, "third");
  loop.call_at(t0 + 10'000'000, note, "first");
  auto c = loop.call_at(t0 + 15'000'000, note, "cancelled");
  loop.call_at(t0 + 20'000'000, note, "second");
  print(c.when() == t0 + 15'000'000, c.cancelled());
  c.cancel();
  c.cancel();
  print(c.cancelled());
  co_await asyncio::sleep(50ms);
  print(log_);
}

int main() { asyncio::run(async_main()); }
