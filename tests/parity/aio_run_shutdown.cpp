#include <heddle/asyncio.h>
#include <heddle/threading.h>

#include <algorithm>
#include <thread>

#include "outcome.h"

namespace asyncio = heddle::asyncio;
using asyncio::Coro;
using asyncio::create_task;
using asyncio::sleep;
using namespace std::chrono_literals;

static heddle::threading::Lock log_lock;  // a pool's thread notes too
static std::vector<std::string> log_;
static void note(std::string text) {
  heddle::threading::LockGuard held(log_lock);
  log_.push_back(std::move(text));
}
static std::vector<std::string> taken() {
  heddle::threading::LockGuard held(log_lock);
  return std::exchange(log_, {});
}

static Coro<void> left(std::string tag, heddle::Delay clean = 0s, std::exception_ptr fail = {},
                       bool eat = false) {
  std::exception_ptr cancelled;
  try {
    co_await sleep(5s);
    co_return;
  } catch (const heddle::CancelledError&) {
    cancelled = std::current_exception();
  }
  note(tag + " cancelled");
  co_await sleep(clean);
  note(tag + " cleaned");
  if (fail) std::rethrow_exception(fail);
  if (!eat) std::rethrow_exception(cancelled);
}

static asyncio::AsyncGenerator<int> gen(std::string tag) {
  std::exception_ptr failure;
  try {
    co_yield 1;
    co_yield 2;
  } catch (...) {
    failure = std::current_exception();
  }
  note(tag + " closing");
  co_await sleep(0s);
  note(tag + " closed");
  if (failure) std::rethrow_exception(failure);
}

static Coro<int> result() {
  create_task(left("a", 10ms));
  co_await sleep(0s);
  note("main returns");
  co_return 7;
}
static Coro<void> fails() {
  create_task(left("a"));
  co_await sleep(0s);
  throw heddle::ValueError("main");
}
static Coro<void> reports() {
  asyncio::get_running_loop().set_exception_handler(
      [](asyncio::EventLoop&, const asyncio::ExceptionContext& c) {
        note(parity::str(std::tuple(c.message, heddle::repr(c.exception), c.task->name())));
      });
  create_task(left("a", 0s, std::make_exception_ptr(heddle::KeyError("in cleanup"))),
              asyncio::TaskOptions().name("leftover"));
  co_await sleep(0s);
}
static Coro<void> swallows() {
  create_task(left("a", 0s, nullptr, true));
  co_await sleep(0s);
  create_task(left("late"));
}

static std::vector<asyncio::AsyncGenerator<int>> held;

static Coro<void> generators() {
  held.push_back(gen("g"));
  int first = co_await held[0].anext();
  print(first);
  held.push_back(gen("never begun"));
  create_task(left("task"));
  co_await sleep(0s);
  note("main returns");
}

static void slow(heddle::Delay delay) {
  std::this_thread::sleep_for(std::chrono::nanoseconds(delay.nanoseconds()));
  note("thread done");
}
static Coro<void> executor() {
  asyncio::get_running_loop().run_in_executor(nullptr, slow, heddle::Delay(30ms));
  note("main returns");
  co_return;
}
static Coro<asyncio::EventLoop> all_of_it() {
  held.push_back(gen("generator"));
  co_await held[0].anext();
  asyncio::get_running_loop().run_in_executor(nullptr, slow, heddle::Delay(50ms));
  create_task(left("task"));
  co_await sleep(0s);
  note("main returns");
  co_return asyncio::get_running_loop();
}
static Coro<void> schedules() {
  asyncio::EventLoop loop = asyncio::get_running_loop();
  loop.call_later(1ms, note, "later");
  loop.call_soon(note, "soon");
  co_return;
}
static Coro<void> cancels() {
  asyncio::current_task().cancel("self");
  co_await sleep(0s);
}

static heddle::ContextVar<std::string> var("var", "unset");

static Coro<asyncio::EventLoop> sets() {
  var.set("set in the first run");
  co_return asyncio::get_running_loop();
}
static Coro<std::string> gets() { co_return var.get(); }
static Coro<asyncio::EventLoop> which() { co_return asyncio::get_running_loop(); }
static Coro<void> leaves() {
  create_task(left("runner's"));
  co_await sleep(0s);
}
// Up to the colon behind which heddle says what to do.
static std::string words(const std::exception& e) {
  std::string text = e.what();
  return text.substr(0, text.find(':'));
}
static Coro<void> nested() {
  try {
    asyncio::run(gets());
  } catch (const heddle::RuntimeError& e) {
    print(words(e));
  }
  try {
    asyncio::Runner().run(gets());
  } catch (const heddle::RuntimeError& e) {
    print(words(e));
  }
  co_return;
}

static asyncio::EventLoop factory() {
  note("made");
  return asyncio::new_event_loop();
}

static void runners() {
  std::optional<asyncio::EventLoop> loop;
  asyncio::Runner runner;
  loop = runner.run(sets());
  std::string value = runner.run(gets());
  print(value, runner.run(which()) == *loop, runner.get_loop() == *loop, var.get());
  heddle::Context other;
  runner.run(gets(), other);
  heddle::Context empty;
  print(runner.run(gets(), empty));
  runner.run(leaves());
  print(log_);
  runner.close();
  print(taken(), loop->is_closed());
  try {
    runner.run(gets());
  } catch (const heddle::RuntimeError& e) {
    print(words(e));
  }
  asyncio::run(nested());
  std::jthread([] {
    asyncio::Runner made(asyncio::RunnerOptions().loop_factory(factory));
    note(made.run(gets()));
  }).join();
  print(log_);
}

int main() {
  int seven = asyncio::run(result());
  print(seven, taken());
  try {
    asyncio::run(fails());
  } catch (const heddle::ValueError&) {
    print(std::current_exception(), taken());
  }
  asyncio::run(reports());
  std::string told = log_.back();
  log_.pop_back();
  print("None", "[" + parity::repr(log_[0]) + ", " + parity::repr(log_[1]) + ", " + told + "]");
  log_.clear();
  asyncio::run(swallows());
  std::sort(log_.begin(), log_.end());
  print(taken());
  asyncio::run(generators());
  print(taken());
  held.clear();
  asyncio::run(executor());
  print(taken());
  asyncio::EventLoop loop = asyncio::run(all_of_it());
  print(taken(), loop.is_closed(), loop.is_running());
  held.clear();
  asyncio::run(schedules());
  std::this_thread::sleep_for(5ms);
  print(taken());
  try {
    asyncio::run(cancels());
  } catch (const heddle::CancelledError& e) {
    print("CancelledError", parity::args(e));
  }
  runners();
}
