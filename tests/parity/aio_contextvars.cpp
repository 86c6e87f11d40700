#include <heddle/asyncio.h>

#include "seed/print.h"

namespace asyncio = heddle::asyncio;
using asyncio::Coro;
using namespace std::chrono_literals;

static heddle::ContextVar<std::string> var("var", "unset");

static Coro<std::string> child(std::string tag, std::string value) {
  std::string before = var.get();
  var.set(value);
  co_await asyncio::sleep(0s);
  co_return tag + ": " + before + " -> " + var.get();
}

static std::string get_var() { return var.get(); }

static Coro<void> async_main() {
  var.set("main");
  auto t = asyncio::create_task(child("task", "task's own"));
  var.set("changed after create_task");
  std::string text = co_await t;
  print(text, "| main still:", var.get());
  text = co_await child("direct", "set by direct await");
  print(text, "| main now:", var.get());
  auto [g1, g2] = co_await asyncio::gather(child("g1", "a"), child("g2", "b"));
  print(std::vector{g1, g2}, var.get());
  asyncio::EventLoop loop = asyncio::get_running_loop();
  std::vector<std::string> out;
  loop.call_soon([&out] {
    out.push_back(var.get());
    var.set("in callback");
  });
  co_await asyncio::sleep(0s);
  print("callback saw", out, "| main still:", var.get());
  std::string in_thread = co_await asyncio::to_thread(get_var);
  std::string in_executor = co_await loop.run_in_executor(nullptr, get_var);
  print("to_thread saw", in_thread, "| run_in_executor saw", in_executor);
  heddle::Context ctx = heddle::copy_context();
  ctx.run([] { var.set("explicit"); });
  auto in_ctx =
      asyncio::create_task(child("ctx", "kept in ctx"), asyncio::TaskOptions().context(ctx));
  text = co_await in_ctx;
  print(text, in_ctx.get_context()[var]);
  auto tok = var.set("temp");
  var.reset(tok);
  print(var.get());
}

int main() {
  asyncio::run(async_main());
  print("outside:", var.get());
}
