#include <heddle/asyncio.h>

#include "outcome.h"

namespace asyncio = heddle::asyncio;
using asyncio::AsyncExitStack;
using asyncio::Coro;
using asyncio::with;
using heddle::KeyError;
using heddle::ValueError;
using namespace std::chrono_literals;

static std::vector<std::string> log_;
static void note(std::string text) { log_.push_back(std::move(text)); }
template <class... Ts>
static void show(const Ts&... values) {
  print(values..., log_);
  log_.clear();
}
static std::string shown(const std::exception_ptr& e) { return e ? heddle::repr(e) : "None"; }

class R {
 public:
  explicit R(std::string name, bool suppress = false, std::exception_ptr fail = {})
      : name_(std::move(name)), suppress_(suppress), fail_(std::move(fail)) {}
  Coro<std::string> aenter() {
    note("enter " + name_);
    co_await asyncio::sleep(0s);
    co_return name_;
  }
  Coro<bool> aexit(std::exception_ptr e) {
    note("exit " + name_ + " " + shown(e));
    co_await asyncio::sleep(0s);
    if (fail_) std::rethrow_exception(fail_);
    co_return suppress_;
  }

 private:
  std::string name_;
  bool suppress_;
  std::exception_ptr fail_;
};

static asyncio::AsyncGenerator<std::string> generator(std::string name) {
  note("enter " + name);
  co_await asyncio::sleep(0s);
  struct Finally {
    std::string name;
    ~Finally() { note("exit " + name); }
  } finally{name};
  try {
    co_yield name;
  } catch (...) {
    note(name + " sees " + shown(std::current_exception()));
    throw;
  }
}
static asyncio::asynccontextmanager<std::string> managed(std::string name) {
  return asyncio::asynccontextmanager(generator(name));
}

static Coro<void> later(std::string text) {
  co_await asyncio::sleep(0s);
  note(text);
}

static Coro<void> stacks() {
  co_await with(AsyncExitStack(), [](AsyncExitStack& s) -> Coro<void> {
    std::string a = co_await s.enter_async_context(R("a"));
    std::string b = co_await s.enter_async_context(R("b"));
    print(a, b);
    s.push_async_callback(later, "callback");
    s.callback(note, "plain callback");
  });
  show("left");
  try {
    co_await with(AsyncExitStack(), [](AsyncExitStack& s) -> Coro<void> {
      co_await s.enter_async_context(R("a"));
      co_await s.enter_async_context(R("b"));
      throw ValueError("body");
    });
  } catch (const ValueError&) {
    show(std::current_exception());
  }
  co_await with(AsyncExitStack(), [](AsyncExitStack& s) -> Coro<void> {
    co_await s.enter_async_context(R("a"));
    co_await s.enter_async_context(R("b", true));
    throw ValueError("body");
  });
  show("suppressed");
  try {
    co_await with(AsyncExitStack(), [](AsyncExitStack& s) -> Coro<void> {
      R b("b", false, std::make_exception_ptr(KeyError("b")));
      co_await s.enter_async_context(R("a"));
      co_await s.enter_async_context(std::move(b));
    });
  } catch (const KeyError&) {
    show(std::current_exception());
  }
}

static Coro<void> uses() {
  co_await with(AsyncExitStack(), [](AsyncExitStack& s) -> Coro<void> {
    co_await s.enter_async_context(R("a"));
    co_await s.enter_async_context(managed("m"));
    co_await asyncio::sleep(5s);
  });
}
static Coro<void> inside() {
  co_await with(R("entering"), []() -> Coro<void> {
    note("not reached");
    co_return;
  });
}

static Coro<void> async_main() {
  co_await stacks();
  auto t = asyncio::create_task(uses());
  co_await asyncio::sleep(10ms);
  t.cancel();
  co_await asyncio::wait(parity::list(t));
  show(end(t));
  AsyncExitStack s;
  co_await s.enter_async_context(R("a"));
  AsyncExitStack moved = s.pop_all();
  co_await s.aclose();
  show("moved");
  co_await moved.aclose();
  show("closed");
  co_await with(managed("x"), [](std::string& x) -> Coro<void> {
    note(x);
    co_return;
  });
  show("managed");
  try {
    co_await with(managed("x"), []() -> Coro<void> {
      if (true) throw ValueError("in it");
      co_return;
    });
  } catch (const ValueError&) {
    show(std::current_exception());
  }
  co_await with(R("outer"), []() -> Coro<void> {
    co_await with(R("inner"), []() -> Coro<void> {
      note("body");
      co_return;
    });
  });
  show("two");
  t = asyncio::create_task(inside());
  co_await asyncio::sleep(0s);
  t.cancel();
  co_await asyncio::wait(parity::list(t));
  show(end(t));
}

int main() { asyncio::run(async_main()); }
