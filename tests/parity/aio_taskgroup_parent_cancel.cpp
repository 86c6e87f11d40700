#include <heddle/asyncio.h>

#include "outcome.h"

namespace asyncio = heddle::asyncio;
using asyncio::Coro;
using asyncio::TaskGroup;
using asyncio::with;
using namespace std::chrono_literals;

static std::vector<std::string> log_;

class OSError : public heddle::Error {
 public:
  using Error::Error;
};

static Coro<void> work(std::string tag, heddle::Delay clean = 0s, std::exception_ptr fail = {}) {
  std::exception_ptr cancelled;
  try {
    co_await asyncio::sleep(5s);
    co_return;
  } catch (const heddle::CancelledError& e) {
    cancelled = std::current_exception();
    log_.push_back(tag + " " + parity::args(e));
  }
  co_await asyncio::sleep(clean);
  log_.push_back(tag + " cleaned");
  std::rethrow_exception(fail ? fail : cancelled);
}

static Coro<void> lazy(heddle::Delay clean) {
  std::exception_ptr failure;
  try {
    co_await asyncio::sleep(5s);
  } catch (...) {
    failure = std::current_exception();
  }
  co_await asyncio::sleep(clean);
  log_.push_back("lazy cleaned");
  if (failure) std::rethrow_exception(failure);
}

using Body = Coro<void> (*)(TaskGroup&);

static Coro<void> parent(Body body) {
  struct Finally {
    ~Finally() {
      log_.push_back("cancelling " + std::to_string(asyncio::current_task().cancelling()));
    }
  } finally;
  co_await with(TaskGroup(), body);
  log_.push_back("past the group");
  co_await asyncio::sleep(0s);
  log_.push_back("on");
}

static Coro<void> run(Body body, heddle::Delay delay = 10ms, std::string message = {},
                      std::optional<heddle::Delay> again = std::nullopt) {
  auto p = asyncio::create_task(parent(body));
  co_await asyncio::sleep(delay);
  p.cancel(message);
  if (again) {
    co_await asyncio::sleep(*again);
    p.cancel("second");
  }
  co_await asyncio::wait(parity::list(p));
  print(end(p), p.cancelling(), log_);
  log_.clear();
}

static Coro<void> waits(TaskGroup& tg) {
  tg.create_task(work("a"));
  tg.create_task(lazy(20ms));
  co_await asyncio::sleep(5s);
}
static Coro<void> only_starts(TaskGroup& tg) {
  tg.create_task(work("a", 20ms));
  co_return;
}
static Coro<void> fails_in_cleanup(TaskGroup& tg) {
  tg.create_task(work("a", 0s, std::make_exception_ptr(OSError("cleanup"))));
  co_return;
}
static Coro<void> swallows(TaskGroup& tg) {
  auto k = tg.create_task(work("a"));
  try {
    co_await asyncio::sleep(5s);
  } catch (const heddle::CancelledError&) {
    log_.push_back("swallowed");
  }
  log_.push_back("still in the body");
  k.cancel();
}
static Coro<void> starts_slow(TaskGroup& tg) {
  tg.create_task(work("a", 30ms));
  co_return;
}
static Coro<void> logs(TaskGroup&) {
  log_.push_back("body");
  co_return;
}
static Coro<void> fails(TaskGroup& tg) {
  tg.create_task(work("a"));
  try {
    co_await asyncio::sleep(5s);
  } catch (const heddle::CancelledError&) {
    throw heddle::KeyError("body");
  }
}

static std::optional<asyncio::Task<void>> kid;

static Coro<void> cancels(asyncio::AnyTask other) {
  co_await asyncio::sleep(10ms);
  other.cancel("by a child");
  co_await asyncio::sleep(5s);
}
static Coro<void> cancelled_by_child() {
  auto me = asyncio::current_task();
  co_await with(TaskGroup(), [&](TaskGroup& tg) -> Coro<void> {
    kid = tg.create_task(cancels(me));
    co_return;
  });
}

static std::optional<asyncio::Task<void>> parent_task;

static Coro<void> bad() {
  co_await asyncio::sleep(10ms);
  asyncio::get_running_loop().call_soon([] { parent_task->cancel(); });
  throw heddle::ValueError("v");
}
static Coro<void> has_bad_child() {
  co_await with(TaskGroup(), [](TaskGroup& tg) -> Coro<void> {
    tg.create_task(bad());
    co_await asyncio::sleep(5s);
  });
}

static Coro<void> async_main() {
  co_await run(waits, 10ms, "stop");
  co_await run(only_starts, 10ms, "stop");
  co_await run(fails_in_cleanup);
  co_await run(swallows);
  co_await run(starts_slow, 10ms, {}, 10ms);
  co_await run(logs, 0s);
  auto p = asyncio::create_task(work("never"));
  p.cancel();
  co_await asyncio::wait(parity::list(p));
  print(end(p), log_);
  co_await run(fails);

  p = asyncio::create_task(cancelled_by_child());
  try {
    co_await p;
  } catch (const heddle::CancelledError& e) {
    print(parity::args(e), end(p), end(*kid));
  }

  parent_task = asyncio::create_task(has_bad_child());
  co_await asyncio::wait(parity::list(*parent_task));
  print(end(*parent_task), parent_task->cancelling());

  try {
    co_await with(asyncio::timeout(20ms), []() -> Coro<void> {
      co_await with(TaskGroup(), [](TaskGroup& tg) -> Coro<void> {
        tg.create_task(work("t", 10ms));
        co_return;
      });
    });
  } catch (const heddle::TimeoutError&) {
    print("TimeoutError", log_, asyncio::current_task().cancelling());
  }
  kid.reset();
  parent_task.reset();
}

int main() { asyncio::run(async_main()); }
