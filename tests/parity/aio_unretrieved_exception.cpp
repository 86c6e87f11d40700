#include <heddle/asyncio.h>

#include "seed/print.h"

namespace asyncio = heddle::asyncio;
using asyncio::Coro;
using namespace std::chrono_literals;

static Coro<void> fail(std::string msg) {
  throw heddle::ValueError(msg);
  co_return;
}

using Seen = std::vector<std::tuple<std::string, std::string>>;

static std::string show(const Seen& seen) { return parity::str(seen); }

static Coro<void> async_main() {
  asyncio::EventLoop loop = asyncio::get_running_loop();
  Seen seen;
  loop.set_exception_handler([&seen](asyncio::EventLoop&, const asyncio::ExceptionContext& ctx) {
    seen.emplace_back(ctx.message, ctx.exception ? heddle::repr(ctx.exception) : "None");
  });
  {
    auto t = asyncio::create_task(fail("nobody looked"));
    co_await asyncio::sleep(20ms);
    print("while referenced:", show(seen));
  }
  // Python quotes the repr with double quotes, since it holds single ones.
  print("after release:", "[('" + std::get<0>(seen[0]) + "', \"" + std::get<1>(seen[0]) + "\")]");
  seen.clear();
  {
    auto t = asyncio::create_task(fail("looked at"));
    co_await asyncio::sleep(20ms);
    t.exception();
  }
  print("retrieved:", show(seen));
  {
    auto t = asyncio::create_task(asyncio::sleep(5s));
    co_await asyncio::sleep(0s);
    t.cancel();
    co_await asyncio::sleep(20ms);
  }
  print("cancelled:", show(seen));
  {
    auto f = asyncio::create_future<int>();
    f.set_exception(heddle::KeyError("future"));
  }
  print("future:", "[('" + std::get<0>(seen[0]) + "', \"" + std::get<1>(seen[0]) + "\")]");
  seen.clear();
  loop.call_soon([] { throw heddle::ZeroDivisionError("division by zero"); });
  co_await asyncio::sleep(0s);
  print("callback:", std::get<0>(seen[0]).starts_with("Exception in callback"),
        std::get<1>(seen[0]), "loop goes on");
}

int main() { asyncio::run(async_main()); }
