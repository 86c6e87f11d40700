#include <heddle/asyncio.h>

#include "outcome.h"

namespace asyncio = heddle::asyncio;
using asyncio::Coro;
using asyncio::TaskGroup;
using asyncio::TaskOptions;
using asyncio::with;
using heddle::KeyError;
using heddle::ValueError;
using namespace std::chrono_literals;

static std::vector<std::string> log_;

class OSError : public heddle::Error {
 public:
  using Error::Error;
};

static std::string tree(const std::exception_ptr& e);

static std::string tree(const heddle::BaseExceptionGroup& group) {
  std::string text;
  for (const auto& x : group.exceptions()) text += (text.empty() ? "" : ", ") + tree(x);
  return "ExceptionGroup[" + text + "]";
}
static std::string tree(const std::exception_ptr& e) {
  auto group = heddle::as_group(e);
  return group ? tree(*group) : heddle::repr(e);
}

template <class E>
static Coro<void> err(heddle::Delay t, E e) {
  co_await asyncio::sleep(t);
  throw e;
}

static Coro<std::string> work(heddle::Delay t = 5s, bool logs = false) {
  try {
    co_await asyncio::sleep(t);
    co_return "done";
  } catch (const heddle::CancelledError&) {
    if (logs) log_.push_back("cancelled");
    throw;
  }
}

static Coro<void> inner_fails() {
  std::optional<asyncio::Task<std::string>> k;
  std::optional<asyncio::Task<std::string>> j;
  try {
    co_await with(TaskGroup(), [&](TaskGroup& outer) -> Coro<void> {
      k = outer.create_task(work(5s, true));
      co_await with(TaskGroup(), [&](TaskGroup& inner) -> Coro<void> {
        j = inner.create_task(work(5s, true));
        inner.create_task(err(10ms, ValueError("inner")));
        co_return;
      });
      log_.push_back("not reached");
    });
  } catch (const heddle::ExceptionGroup& e) {
    print(tree(e), end(*k), end(*j), log_);
  }
  log_.clear();

  co_await with(TaskGroup(), [&](TaskGroup& outer) -> Coro<void> {
    k = outer.create_task(work(30ms, true));
    std::exception_ptr failure;
    try {
      co_await with(TaskGroup(), [&](TaskGroup& inner) -> Coro<void> {
        inner.create_task(err(10ms, ValueError("inner")));
        co_return;
      });
    } catch (...) {
      heddle::except_star(std::current_exception(), heddle::on<ValueError>([&](const auto& e) {
                            print("caught", tree(e), end(*k));
                          }));
    }
  });
  print(end(*k), asyncio::current_task().cancelling());
}

static Coro<void> late(KeyError e) {
  std::exception_ptr error;
  try {
    co_await asyncio::sleep(5s);
  } catch (...) {
    throw e;
  }
}

static Coro<void> outer_fails() {
  std::optional<asyncio::Task<std::string>> j;
  try {
    co_await with(TaskGroup(), [&](TaskGroup& outer) -> Coro<void> {
      outer.create_task(err(10ms, ValueError("outer")));
      co_await with(TaskGroup(), [&](TaskGroup& inner) -> Coro<void> {
        j = inner.create_task(work(5s, true));
        co_return;
      });
    });
  } catch (const heddle::ExceptionGroup& e) {
    print(tree(e), end(*j), log_, asyncio::current_task().cancelling());
  }
  log_.clear();
  try {
    co_await with(TaskGroup(), [&](TaskGroup& outer) -> Coro<void> {
      outer.create_task(err(10ms, ValueError("outer")));
      co_await with(TaskGroup(), [&](TaskGroup& inner) -> Coro<void> {
        inner.create_task(late(KeyError("inner")));
        co_return;
      });
    });
  } catch (const heddle::ExceptionGroup& e) {
    print(tree(e), asyncio::current_task().cancelling());
  }
}

static Coro<void> level(int n) {
  co_await with(TaskGroup(), [&](TaskGroup& tg) -> Coro<void> {
    if (n != 0) {
      tg.create_task(level(n - 1));
      tg.create_task(work(5s, true));
    } else {
      tg.create_task(err(10ms, OSError("bottom")));
    }
    co_return;
  });
}

static Coro<void> never() {
  log_.push_back("ran");
  co_return;
}

static Coro<void> bodies() {
  try {
    co_await level(3);
  } catch (const heddle::ExceptionGroup& e) {
    print(tree(e), log_);
  }
  log_.clear();
  try {
    co_await with(TaskGroup(), [&](TaskGroup& tg) -> Coro<void> {
      tg.create_task(err(0s, ValueError("1")));
      tg.create_task(err(0s, ValueError("2")));
      co_await asyncio::sleep(0s);
      throw KeyError("body");
    });
  } catch (const heddle::ExceptionGroup& e) {
    print(tree(e));
  }
  std::optional<asyncio::Task<void>> t;
  try {
    co_await with(TaskGroup(), [&](TaskGroup& tg) -> Coro<void> {
      t = tg.create_task(never());
      if (t) throw KeyError("body");
      co_return;
    });
  } catch (const heddle::ExceptionGroup& e) {
    print(tree(e), end(*t), log_);
  }
}

static Coro<int> grow(TaskGroup& tg, int n) {
  if (n != 0) tg.create_task(grow(tg, n - 1), TaskOptions().name("grow" + std::to_string(n)));
  log_.push_back(asyncio::current_task().get_name());
  co_return n;
}

static Coro<void> async_main() {
  co_await inner_fails();
  co_await outer_fails();
  co_await bodies();

  std::optional<asyncio::Task<int>> root;
  co_await with(TaskGroup(), [&](TaskGroup& tg) -> Coro<void> {
    root = tg.create_task(grow(tg, 2), TaskOptions().name("root"));
    co_return;
  });
  print(log_, root->result());
  log_.clear();

  std::optional<asyncio::Task<std::string>> a;
  std::optional<asyncio::Task<std::string>> b;
  co_await with(TaskGroup(), [&](TaskGroup& tg) -> Coro<void> {
    a = tg.create_task(work());
    b = tg.create_task(work(20ms));
    co_await asyncio::sleep(10ms);
    a->cancel();
  });
  print(end(*a), end(*b));

  try {
    co_await with(TaskGroup(), [&](TaskGroup& tg) -> Coro<void> {
      tg.create_task(err(0s, ValueError("a")));
      tg.create_task(err(0s, KeyError("b")));
      tg.create_task(err(0s, ValueError("c")));
      co_return;
    });
  } catch (const heddle::ExceptionGroup& e) {
    auto [m, r] = e.split<ValueError>();
    auto sub = e.subgroup(
        [](const std::exception_ptr& x) { return heddle::repr(x).find('b') != std::string::npos; });
    print(tree(*m), tree(*r), tree(*sub), e.str());
  }
}

int main() { asyncio::run(async_main()); }
