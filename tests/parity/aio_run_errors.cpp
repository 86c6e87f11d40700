#include <heddle/asyncio.h>

#include "seed/print.h"

namespace asyncio = heddle::asyncio;
using asyncio::Coro;
using namespace std::chrono_literals;

static std::vector<asyncio::EventLoop> loops;

static Coro<std::string> async_main(std::exception_ptr value = nullptr) {
  loops.push_back(asyncio::get_running_loop());
  auto c = asyncio::sleep(0s);
  try {
    asyncio::run(std::move(c));
  } catch (const heddle::RuntimeError& e) {
    print("RuntimeError:", std::string(e.what()).substr(0, std::string(e.what()).find(": ")));
  }
  if (value) std::rethrow_exception(value);
  co_return "ok";
}

static Coro<void> cancels_itself() {
  asyncio::current_task().cancel();
  co_await asyncio::sleep(0s);
}

static Coro<void> stops() {
  asyncio::get_running_loop().stop();
  co_await asyncio::sleep(5s);
}

// Python's words come first in a message; what to do comes after a colon.
static std::string words(const std::exception& e) {
  std::string text = e.what();
  return text.substr(0, text.find(": "));
}

int main() {
  print(asyncio::run(async_main()));
  try {
    asyncio::run(async_main(std::make_exception_ptr(heddle::KeyError("'out'"))));
  } catch (const heddle::KeyError& e) {
    print("KeyError", e);
  }
  print("new loop each time:", loops[0] != loops[1], "closed:", loops[0].is_closed());
  try {
    asyncio::get_running_loop();
  } catch (const heddle::RuntimeError& e) {
    print("RuntimeError:", words(e));
  }
  try {
    loops[0].call_soon([] {});
  } catch (const heddle::RuntimeError& e) {
    print("RuntimeError:", words(e));
  }
  try {
    asyncio::run(cancels_itself());
  } catch (const heddle::CancelledError&) {
    print("CancelledError leaves run()");
  }
  asyncio::Runner r;
  int one = r.run(asyncio::sleep(0s, 1));
  int two = r.run(asyncio::sleep(0s, 2));
  print(one, two, r.get_loop().is_running());
  try {
    asyncio::run(stops());
  } catch (const heddle::RuntimeError& e) {
    print("RuntimeError:", e);
  }
}
