#include <heddle/asyncio.h>

#include "seed/print.h"

namespace asyncio = heddle::asyncio;
using asyncio::Coro;
using namespace std::chrono_literals;

static std::vector<std::string> log_;

static Coro<void> async_main() {
  asyncio::EventLoop loop = asyncio::get_running_loop();
  heddle::Nanoseconds t0 = loop.time();
  for (double d : {0.15, 0.05, 0.1, 0.0, -1.0}) {
    loop.call_later(std::chrono::duration<double>(d), [loop, t0, d] {
      std::string shown = d == -1.0 ? "-1" : parity::str(d);
      log_.push_back("(" + shown + ", " + parity::str(double(loop.time() - t0) / 1e9 >= d - 0.001) +
                     ")");
    });
  }
  auto h = loop.call_later(50ms, [] { log_.push_back("cancelled"); });
  h.cancel();
  loop.call_soon([] { log_.push_back("soon"); });
  auto at = loop.call_at(t0 + 120'000'000, [] { log_.push_back("at"); });
  print(std::abs(at.when() - t0 - 120'000'000) < 1000, h.cancelled());
  co_await asyncio::sleep(250ms);
  for (const auto& entry : log_) print(entry);
  std::string value = co_await asyncio::sleep(0s, std::string("value"));
  co_await asyncio::sleep(-5s);
  print("result:", value, std::nullopt);
}

int main() { asyncio::run(async_main()); }
