#include <heddle/asyncio.h>

#include "outcome.h"

namespace asyncio = heddle::asyncio;
using asyncio::Coro;
using asyncio::create_task;
using asyncio::wait;
using std::vector;
using Text = std::string;
using namespace std::chrono_literals;

class OSError : public heddle::Error {
 public:
  using Error::Error;
};

static Text seen;
static void show(const Text& what) {
  print(what, "[" + seen + "]");
  seen.clear();
}

static Coro<Text> err(Text e = "e", heddle::Delay t = 0s) {
  co_await asyncio::sleep(t);
  throw heddle::ValueError(e);
}
static Coro<Text> ok(heddle::Delay t = 0s) {
  co_await asyncio::sleep(t);
  co_return "ok";
}

static Coro<void> single_tasks() {
  create_task(err("dropped"));
  co_await asyncio::sleep(10ms);
  show("a dropped task:");
  {
    auto t = create_task(err());
    co_await wait(parity::list(t));
    t.exception();
  }
  show("asked for:");
  {
    auto t = create_task(err());
    try {
      co_await t;
    } catch (const heddle::ValueError&) {
    }
  }
  show("awaited:");
  {
    auto t = create_task(err());
    co_await wait(parity::list(t));
  }
  show("only waited for:");
  {
    auto t = create_task(ok(5s));
    co_await asyncio::sleep(0s);
    t.cancel();
    co_await wait(parity::list(t));
  }
  show("cancelled:");
  asyncio::create_future<int>().set_exception(heddle::KeyError("future"));
  show("a future:");
  asyncio::create_future<int>().set_result(1);
  asyncio::create_future<int>();
  show("a result, a pending one:");
}

static Coro<void> combined_tasks() {
  try {
    co_await asyncio::gather(err("first"), err("second", 10ms));
  } catch (const heddle::ValueError&) {
    print(std::current_exception());
  }
  co_await asyncio::sleep(20ms);
  show("gather:");
  co_await asyncio::gather(asyncio::return_exceptions, err("kept"), ok());
  show("gather that keeps:");
  try {
    co_await asyncio::with(asyncio::TaskGroup(), [](asyncio::TaskGroup& tg) -> Coro<void> {
      tg.create_task(err("group"));
      tg.create_task(ok(5s));
      co_return;
    });
  } catch (const heddle::ExceptionGroup&) {
  }
  show("group:");
  {
    auto t = create_task(err("wait_for", 10ms));
    try {
      co_await asyncio::wait_for(t, 1s);
    } catch (const heddle::ValueError&) {
    }
  }
  show("wait_for:");
  {
    vector<Coro<Text>> all;
    all.push_back(err("as_completed"));
    all.push_back(ok());
    auto arriving = asyncio::as_completed(std::move(all));
    for (auto c : arriving) {
      try {
        co_await c;
      } catch (const heddle::ValueError&) {
      }
    }
  }
  show("as_completed:");
}

static Coro<Text> leaves() {
  auto t = create_task(err("inner"));
  co_await asyncio::sleep(10ms);
  co_return "outer is fine";
}

static Coro<void> async_main() {
  asyncio::EventLoop loop = asyncio::get_running_loop();
  loop.set_exception_handler([](asyncio::EventLoop&, const asyncio::ExceptionContext& c) {
    bool is_callback = c.message.starts_with("Exception in callback");
    Text message = is_callback ? "Exception in callback main." : c.message;
    Text exception = c.exception ? heddle::repr(c.exception) : "None";
    seen += parity::str(std::tuple(message, exception));
  });
  co_await single_tasks();
  co_await combined_tasks();
  loop.call_soon([] { throw OSError("callback"); });
  co_await asyncio::sleep(0s);
  show("a callback:");
  loop.call_exception_handler(asyncio::ExceptionContext("by hand", nullptr, "", ""));
  show("by hand:");
  Text fine = co_await leaves();
  print(fine);
  show("left behind:");
}

int main() { asyncio::run(async_main()); }
