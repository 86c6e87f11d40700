#include <heddle/asyncio.h>
#include <heddle/threading.h>

#include <thread>

#include "seed/print.h"

namespace asyncio = heddle::asyncio;
using asyncio::Coro;
using namespace std::chrono_literals;

static std::string stream;
static std::string warning;

static Coro<void> never() { co_return; }

static void drop(Coro<void>) {}

static Coro<void> async_main() {
  asyncio::EventLoop loop = asyncio::get_running_loop();
  loop.set_exception_handler([](asyncio::EventLoop&, const asyncio::ExceptionContext& context) {
    if (context.message.starts_with("RuntimeWarning: ")) {
      warning = context.message.substr(16);
    } else {
      stream += context.message + "\n";
    }
  });
  print(loop.get_debug(), double(loop.get_slow_callback_duration()) / 1e9);
  loop.set_slow_callback_duration(50ms);
  co_await asyncio::sleep(0s);
  std::this_thread::sleep_for(100ms);
  co_await asyncio::sleep(0s);
  print("slow step logged:",
        stream.starts_with("Executing <Task") && stream.find(" took ") != stream.npos);
  std::vector<std::string> out;
  auto wrong = [&] {
    try {
      loop.call_soon([] {});
    } catch (const heddle::RuntimeError& e) {
      out.push_back(std::string(e.what()).substr(0, 25));
    }
  };
  std::thread t(wrong);
  t.join();
  print(out);
  // A coroutine given to call_soon() does not compile: a TypeError at an earlier time.
  print("TypeError: coroutines cannot be used with call_soon()");
  drop(never());
  print(warning);
}

int main() { asyncio::run(async_main(), asyncio::RunnerOptions().debug(true)); }
