#include <heddle/asyncio.h>

#include "seed/print.h"

namespace asyncio = heddle::asyncio;
using asyncio::Coro;
using namespace std::chrono_literals;

static Coro<void> async_main() {
  asyncio::EventLoop loop = asyncio::get_running_loop();
  auto f = asyncio::create_future<int>();
  try {
    f.result();
  } catch (const heddle::InvalidStateError& e) {
    print("InvalidStateError:", e);
  }
  try {
    f.exception();
  } catch (const heddle::InvalidStateError& e) {
    print("InvalidStateError:", e);
  }
  std::vector<std::string> log;
  using Done = asyncio::Future<int>;
  for (std::string tag : {"a", "b"}) {
    f.add_done_callback([&log, tag](Done fut) {
      log.push_back("('" + tag + "', " + std::to_string(fut.result()) + ")");
    });
  }
  auto gone = [&log](Done) { log.push_back("removed"); };
  auto first = f.add_done_callback(gone);
  auto second = f.add_done_callback(gone);
  print("removed", f.remove_done_callback(first) + f.remove_done_callback(second));
  f.set_result(5);
  print("before the loop runs:", log);
  co_await asyncio::sleep(0s);
  print("after:", "[" + log[0] + ", " + log[1] + "]");
  f.add_done_callback([&log](Done) { log.push_back("late"); });
  print("late is not immediate:", log.back() != "late");
  co_await asyncio::sleep(0s);
  print(log.back());
  try {
    f.set_result(6);
  } catch (const heddle::InvalidStateError&) {
    print("InvalidStateError on second set");
  }
  auto g = asyncio::create_future<int>();
  bool cancel = g.cancel("msg");
  bool cancelled = g.cancelled();
  print(cancel, cancelled, g.cancel());
  try {
    co_await g;
  } catch (const heddle::CancelledError& e) {
    print("CancelledError", std::tuple(std::string(e.message())));
  }
}

int main() { asyncio::run(async_main()); }
