#include <heddle/asyncio.h>

#include "outcome.h"

namespace asyncio = heddle::asyncio;
using asyncio::Coro;
using namespace std::chrono_literals;

static std::vector<int> log_;
static std::vector<std::string> words_;
static std::vector<std::string> seen;

// Up to the colon behind which heddle says what to do.
static std::string words(const std::string& text) { return text.substr(0, text.find(':')); }

static void show() {
  for (const std::string& each : seen) print(each);
  seen.clear();
}

static Coro<std::string> work(heddle::Delay t, std::string r = {}) {
  co_await asyncio::sleep(t);
  co_return r;
}
static Coro<void> fail() {
  if (true) throw heddle::ValueError("v");
  co_return;
}

static void stopping(asyncio::EventLoop loop) {
  auto append = [](int n) { log_.push_back(n); };
  loop.call_soon([=]() mutable {
    log_.push_back(1);
    loop.call_soon(append, 4);
  });
  loop.call_soon([=]() mutable { loop.stop(); });
  loop.call_soon(append, 2);
  loop.call_soon(append, 3);
  print(loop.is_running(), loop.is_closed());
  loop.run_forever();
  print(log_);
  loop.stop();
  loop.run_forever();
  print(log_);
  std::string result = loop.run_until_complete(work(10ms, "result"));
  print(result);
  try {
    loop.run_until_complete(fail());
  } catch (const heddle::ValueError&) {
    print(std::current_exception());
  }
  auto t = loop.create_task(work(20ms, "late"));
  loop.call_soon([=]() mutable { loop.stop(); });
  try {
    loop.run_until_complete(t);
  } catch (const heddle::RuntimeError& e) {
    print(words(e.what()));
  }
  bool done = t.done();
  print(done, loop.run_until_complete(t));
  auto fut = loop.create_future<std::string>();
  loop.call_later(10ms, [=]() mutable { fut.set_result("future"); });
  print(loop.run_until_complete(fut));
}

static Coro<void> nested(asyncio::EventLoop loop) {
  try {
    loop.run_forever();
  } catch (const heddle::RuntimeError& e) {
    print(words(e.what()));
  }
  try {
    loop.run_until_complete(loop.create_future<int>());
  } catch (const heddle::RuntimeError& e) {
    print(words(e.what()));
  }
  try {
    loop.close();
  } catch (const heddle::RuntimeError& e) {
    print(words(e.what()));
  }
  print(loop.is_running(), asyncio::get_running_loop() == loop);
  co_return;
}

static void bad() { throw heddle::ZeroDivisionError("division by zero"); }

static void handlers(asyncio::EventLoop loop) {
  loop.set_exception_handler([loop](asyncio::EventLoop& l, const asyncio::ExceptionContext& c) {
    seen.push_back(
        parity::str(std::tuple(l == loop, words(c.message).substr(0, 21), heddle::repr(c.exception),
                               c.handle != nullptr, c.task != nullptr, c.future != nullptr)));
  });
  loop.call_soon(bad);
  loop.call_soon([] { seen.push_back("next one ran"); });
  loop.call_later(1ms, bad);
  loop.run_until_complete(work(10ms));
  show();
  auto f = loop.create_future<int>();
  f.add_done_callback([](asyncio::Future<int>) { bad(); });
  f.set_result(1);
  loop.run_until_complete(work(0s));
  show();
  auto key_error = std::make_exception_ptr(heddle::KeyError("k"));
  loop.call_exception_handler(asyncio::ExceptionContext("by hand", key_error, "", ""));
  show();
  print(loop.has_exception_handler());
  loop.reset_exception_handler();
  print(loop.has_exception_handler() ? "a handler" : "None");
}

static Coro<void> task_leaves() {
  if (true) throw heddle::SystemExit(4);
  co_return;
}

static void leaving(asyncio::EventLoop loop) {
  loop.call_soon([] { words_.push_back("before"); });
  loop.call_soon([] { throw heddle::KeyboardInterrupt(); });
  loop.call_soon([] { words_.push_back("after"); });
  try {
    loop.run_forever();
  } catch (const heddle::KeyboardInterrupt&) {
    print("KeyboardInterrupt", words_, loop.is_running());
  }
  loop.call_soon([] { throw heddle::SystemExit(3); });
  try {
    loop.run_until_complete(work(0s));
  } catch (const heddle::SystemExit& e) {
    print("SystemExit", e.code(), words_);
  }
  auto t = loop.create_task(task_leaves());
  try {
    loop.run_until_complete(t);
  } catch (const heddle::SystemExit& e) {
    print("SystemExit", e.code(), t.done(), words(heddle::describe(t.exception())));
  }
}

static Coro<void> me() {
  asyncio::AnyTask self = asyncio::current_task();
  co_await self;
}
static Coro<void> wrong(asyncio::Future<int> foreign) { co_await foreign; }

static void mistakes(asyncio::EventLoop loop) {
  try {
    loop.run_until_complete(me());
  } catch (const heddle::RuntimeError& e) {
    print(std::string(e.what()).substr(0, 27));
  }
  asyncio::EventLoop other = asyncio::new_event_loop();
  auto foreign = other.create_future<int>();
  try {
    loop.run_until_complete(wrong(foreign));
  } catch (const heddle::RuntimeError& e) {
    print(std::string(e.what()).find("attached to a different loop") != std::string::npos);
  }
  other.close();
  auto h = loop.call_later(10s, [] { words_.push_back("never"); });
  loop.close();
  loop.close();
  print(loop.is_closed(), words_);
  using Call = void (*)(asyncio::EventLoop&);
  Call calls[] = {[](asyncio::EventLoop& l) { l.call_soon(bad); },
                  [](asyncio::EventLoop& l) { l.call_later(1s, bad); },
                  [](asyncio::EventLoop& l) { l.call_soon_threadsafe(bad); },
                  [](asyncio::EventLoop& l) { l.run_forever(); }};
  for (Call call : calls) {
    try {
      call(loop);
    } catch (const heddle::RuntimeError& e) {
      print(words(e.what()));
    }
  }
}

int main() {
  asyncio::EventLoop loop = asyncio::new_event_loop();
  stopping(loop);
  loop.run_until_complete(nested(loop));
  handlers(loop);
  leaving(loop);
  mistakes(loop);
}
