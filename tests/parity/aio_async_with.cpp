#include <heddle/asyncio.h>

#include "seed/print.h"

namespace asyncio = heddle::asyncio;
using asyncio::Coro;
using heddle::ValueError;
using namespace std::chrono_literals;

class Ctx {
 public:
  explicit Ctx(std::string tag, bool suppress = false)
      : tag_(std::move(tag)), suppress_(suppress) {}
  Coro<Ctx&> aenter() {
    co_await asyncio::sleep(0s);
    print("enter", tag_);
    co_return *this;
  }
  Coro<bool> aexit(std::exception_ptr failure) {
    co_await asyncio::sleep(0s);
    print("exit", tag_, failure ? "ValueError" : "None");
    co_return suppress_;
  }

 private:
  std::string tag_;
  bool suppress_;
};

static asyncio::AsyncGenerator<std::string> managed(std::string tag) {
  print("setup", tag);
  std::string upper = tag;
  for (char& c : upper) c = static_cast<char>(std::toupper(c));
  std::exception_ptr failure;
  try {
    co_yield upper;
  } catch (const ValueError&) {
    failure = std::current_exception();
    print("managed saw", failure);
  }
  print("teardown", tag);
  if (failure) std::rethrow_exception(failure);
}

static Coro<void> async_main() {
  auto raises = []() -> Coro<void> {
    throw ValueError("x");
    co_return;
  };
  auto inner = [&]() -> Coro<void> { co_await asyncio::with(Ctx("inner"), raises); };
  co_await asyncio::with(Ctx("outer", true), inner);
  print("suppressed");
  auto body = [](std::string up) -> Coro<void> {
    print(up);
    throw ValueError("y");
    co_return;
  };
  try {
    co_await asyncio::with(asyncio::asynccontextmanager(managed("m")), body);
  } catch (const ValueError& e) {
    print("out:", e);
  }
  auto with_stack = [](asyncio::AsyncExitStack& st) -> Coro<void> {
    for (const char* tag : {"1", "2"}) {
      Ctx ctx(tag);
      co_await st.enter_async_context(std::move(ctx));
    }
    st.push_async_callback([] { return asyncio::sleep(0s); });
    st.callback([] { print("callback"); });
    print("body");
  };
  co_await asyncio::with(asyncio::AsyncExitStack(), with_stack);
}

int main() { asyncio::run(async_main()); }
