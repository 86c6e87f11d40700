#include <heddle/asyncio.h>

#include "outcome.h"

namespace asyncio = heddle::asyncio;
using asyncio::Coro;
using asyncio::create_task;
using asyncio::TaskGroup;
using asyncio::TaskOptions;
using asyncio::wait;
using asyncio::with;
using std::vector;
using namespace std::chrono_literals;

static vector<std::string> log_;
static void note(std::string text) { log_.push_back(std::move(text)); }
static asyncio::AnyTask me;
static TaskOptions named(std::string name) { return TaskOptions().name(std::move(name)); }
template <class... Ts>
static void show(const Ts&... values) {
  print(values..., log_);
  log_.clear();
}

static Coro<std::string> f(std::string x, int n = 0, std::exception_ptr fail = {}) {
  note(x + " begins " + parity::str(!(asyncio::current_task() == me)));
  for (int i = 0; i < n; ++i) co_await asyncio::sleep(0s);
  if (fail) std::rethrow_exception(fail);
  note(x + " ends");
  co_return x;
}
template <class E>
static std::exception_ptr error(E e) {
  return std::make_exception_ptr(e);
}
static Coro<std::string> parent() {
  note("parent");
  auto k = create_task(f("child"), named("K"));
  note("after");
  co_return co_await k;
}
static Coro<void> raises_cancelled() {
  if (true) throw heddle::CancelledError();
  co_return;
}

static Coro<void> single_tasks() {
  auto t = create_task(f("a"), named("A"));
  note("created");
  print(t.done(), end(t), log_, asyncio::current_task() == me);
  log_.clear();
  t = create_task(f("b", 1), named("B"));
  note("created");
  print(t.done(), log_);
  std::string result = co_await t;
  show(result);
  t = create_task(f("c", 0, error(heddle::ValueError("c"))), named("C"));
  print(t.done(), end(t));
  log_.clear();
  t = create_task(f("d", 2), named("D"));
  t.cancel();
  co_await wait(parity::list(t));
  show(end(t));
  t = create_task(f("e"), named("E"));
  print(t.cancel(), t.cancelling(), end(t));
  log_.clear();
  result = co_await create_task(parent(), named("P"));
  show(result);
}

static Coro<void> groups() {
  std::optional<asyncio::Task<std::string>> a;
  std::optional<asyncio::Task<std::string>> b;
  co_await with(TaskGroup(), [&](TaskGroup& tg) -> Coro<void> {
    a = tg.create_task(f("x"), named("X"));
    b = tg.create_task(f("y", 1), named("Y"));
    note("body");
    co_return;
  });
  show(end(*a), end(*b));
  try {
    co_await with(TaskGroup(), [&](TaskGroup& tg) -> Coro<void> {
      tg.create_task(f("bad", 0, error(heddle::KeyError("k"))), named("Z"));
      note("body");
      co_await asyncio::sleep(0s);
      note("not reached");
    });
  } catch (const heddle::ExceptionGroup&) {
    show(std::current_exception());
  }
}

static Coro<void> async_main() {
  me = asyncio::current_task();
  asyncio::EventLoop loop = asyncio::get_running_loop();
  loop.set_task_factory(asyncio::eager_task_factory);
  co_await single_tasks();
  co_await groups();
  co_await asyncio::gather(f("g1"), f("g2", 1));
  vector<std::string> firsts;
  for (const std::string& line : log_) firsts.push_back(line.substr(0, line.find(' ')));
  print(firsts);
  log_.clear();
  loop.call_soon(note, "soon");
  auto t = create_task(f("first"), named("F"));
  note("sync");
  co_await asyncio::sleep(0s);
  show();
  t.add_done_callback([](const auto&) { note("callback"); });
  note("added");
  co_await asyncio::sleep(0s);
  print(log_);
  auto c = create_task(raises_cancelled());
  print(end(c));
  loop.set_task_factory(nullptr);
  t = create_task(f("lazy"), named("L"));
  print(t.done(), loop.get_task_factory() == nullptr ? "None" : "a factory");
  co_await t;
  me = {};
}

int main() { asyncio::run(async_main()); }
