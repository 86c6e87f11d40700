#include <heddle/asyncio.h>

#include "outcome.h"

namespace asyncio = heddle::asyncio;
using asyncio::Coro;
using asyncio::create_task;
using asyncio::TaskOptions;
using namespace std::chrono_literals;

static heddle::ContextVar<std::string> v("v", "default");
static std::vector<std::string> log_;
static void note(std::string text) { log_.push_back(std::move(text)); }
static void note_value() { note("'" + v.get() + "'"); }
static std::string shown() {
  std::string text;
  for (const std::string& each : log_) text += (text.empty() ? "" : ", ") + each;
  log_.clear();
  return "[" + text + "]";
}

static Coro<std::string> get(std::string set_to = {}) {
  std::string old = v.get();
  if (!set_to.empty()) v.set(set_to);
  co_await asyncio::sleep(0s);
  note(parity::str(std::tuple(old, v.get())));
  co_return v.get();
}

static Coro<void> tasks() {
  auto t = create_task(get("task"));
  v.set("changed");
  std::string result = co_await t;
  print(result, v.get(), shown());
  auto [a, b] = co_await asyncio::gather(get("a"), get("b"));
  print(std::vector{a, b}, v.get(), shown());
  std::optional<asyncio::Task<std::string>> x;
  std::optional<asyncio::Task<std::string>> y;
  co_await asyncio::with(asyncio::TaskGroup(), [&](asyncio::TaskGroup& tg) -> Coro<void> {
    x = tg.create_task(get("x"));
    y = tg.create_task(get());
    co_return;
  });
  print(x->result(), y->result(), v.get());
  result = co_await asyncio::wait_for(get("in wait_for's"), 1s);
  std::string shielded = co_await asyncio::shield(get("in shield"));
  print(result == "in wait_for's", shielded, v.get() != "in shield");
  log_.clear();
  v.set("main");
}

static Coro<void> callbacks() {
  asyncio::EventLoop loop = asyncio::get_running_loop();
  heddle::Context ctx = heddle::copy_context();
  ctx.run([] { v.set("ctx"); });
  loop.call_soon(note_value, ctx);
  loop.call_soon(note_value);
  loop.call_later(0s, note_value, ctx);
  v.set("later");
  auto f = loop.create_future<void>();
  auto tagged = [](const char* tag) {
    return [tag](const auto&) { note(parity::str(std::tuple(tag, v.get()))); };
  };
  f.add_done_callback(tagged("done"));
  f.add_done_callback(tagged("ctx"), ctx);
  v.set("after adding");
  f.set_result();
  co_await asyncio::sleep(1ms);
  print(shown());
  auto t = create_task(get("kept"), TaskOptions().context(ctx));
  co_await t;
  print(t.get_context()[v], v.get());
  auto u = create_task(get(), TaskOptions().context(t.get_context()));
  std::string kept = co_await u;
  print(kept);
  log_.clear();
  loop.call_soon([] { v.set("callback"); });
  co_await asyncio::sleep(0s);
  print(v.get());
}

static asyncio::AsyncGenerator<std::string> gen() {
  co_yield v.get();
  co_yield v.get();
}
static Coro<std::string> ask() {
  v.set("asker");
  auto g = gen();
  co_return co_await g.anext();
}
static std::string other(asyncio::EventLoop loop) {
  v.set("thread");
  return asyncio::run_coroutine_threadsafe(get(), loop).result();
}
static Coro<std::string> nested() {
  v.set("outer task");
  co_return co_await create_task(get());
}

static Coro<void> async_main() {
  v.set("main");
  co_await tasks();
  co_await callbacks();
  auto g = gen();
  std::string first = co_await g.anext();
  v.set("second");
  std::string second = co_await g.anext();
  print(first, second);
  std::string asked = co_await create_task(ask());
  print(asked, v.get());
  auto tok = v.set("temp");
  print(tok.old_value());
  v.reset(tok);
  print(v.get());
  try {
    v.reset(tok);
  } catch (const heddle::RuntimeError&) {
    print("RuntimeError");
  }
  static heddle::ContextVar<std::string> w("w");
  try {
    auto of_v = v.set("x");
    w.reset(of_v);
  } catch (const heddle::ValueError&) {
    print("ValueError");
  }
  try {
    w.get();
  } catch (const heddle::LookupError&) {
    print("LookupError", w.get("fallback"), w.name());
  }
  std::string in_thread = co_await asyncio::to_thread(other, asyncio::get_running_loop());
  print(in_thread);
  log_.clear();
  std::string in_task = co_await create_task(nested());
  print(in_task);
}

int main() {
  asyncio::run(async_main());
  print(v.get());
}
