#include <heddle/asyncio.h>

#include "seed/print.h"

namespace asyncio = heddle::asyncio;
using asyncio::Coro;
using namespace std::chrono_literals;

static Coro<void> sleeper() {
  struct Finally {
    ~Finally() { print("finally"); }
  } finally;
  try {
    co_await asyncio::sleep(5s);
  } catch (const heddle::CancelledError& e) {
    print("inside:", std::tuple(std::string(e.message())));
    throw;
  }
}

static Coro<void> async_main() {
  auto t = asyncio::create_task(sleeper());
  co_await asyncio::sleep(0s);
  bool cancel = t.cancel("stop");
  print("cancel:", cancel, "cancelled now:", t.cancelled(), "done:", t.done(),
        "requests:", t.cancelling());
  try {
    co_await t;
  } catch (const heddle::CancelledError& e) {
    print("outside:", std::tuple(std::string(e.message())));
  }
  print(t.cancelled(), t.done(), "cancel again:", t.cancel());
  try {
    t.result();
  } catch (const heddle::CancelledError&) {
    print("CancelledError");
  }
  try {
    t.exception();
  } catch (const heddle::CancelledError&) {
    print("CancelledError");
  }
  auto ok = asyncio::create_task(asyncio::sleep(0s, std::string("r")));
  co_await ok;
  print("cancel done task:", ok.cancel(), ok.cancelled(), ok.result(), ok.cancelling());
  print(std::is_base_of_v<std::exception, heddle::CancelledError>, true);
}

int main() { asyncio::run(async_main()); }
