// T9: an exception from each kind of callback. Promised: it goes to the exception handler once, or
// to whoever awaits; the loop goes on.
#include "asyncio/work.h"

#include <csignal>

#include <sys/eventfd.h>
#include <unistd.h>

namespace {

[[noreturn]] void boom() { throw heddle::ValueError("boom"); }

Coro<void> booms() {
  boom();
  co_return;
}

asyncio::AsyncGenerator<int> booming_generator() {
  co_yield 1;
  boom();
}

struct BoomingResource {
  bool at_enter;
  Coro<void> aenter() {
    if (at_enter) boom();
    co_return;
  }
  Coro<bool> aexit(std::exception_ptr) {
    if (!at_enter) boom();
    co_return false;
  }
};

Coro<void> turns() {
  for (int i = 0; i < 4; ++i) co_await asyncio::sleep(0s);
}

// What one site does, and whom it tells: the exception handler, or whoever awaits it.
struct Site {
  const char* name;
  int reports;
  Coro<void> (*act)(asyncio::EventLoop loop);
};

Coro<void> call_soon(asyncio::EventLoop loop) {
  loop.call_soon(boom);
  co_await turns();
}
Coro<void> call_soon_with_arguments(asyncio::EventLoop loop) {
  loop.call_soon([](int) { boom(); }, 1);
  co_await turns();
}
Coro<void> call_later(asyncio::EventLoop loop) {
  loop.call_later(1ms, boom);
  co_await asyncio::sleep(5ms);
}
Coro<void> call_at(asyncio::EventLoop loop) {
  loop.call_at(loop.time() + 1, boom);
  co_await asyncio::sleep(5ms);
}
Coro<void> call_soon_threadsafe(asyncio::EventLoop loop) {
  loop.call_soon_threadsafe(boom);
  co_await asyncio::sleep(5ms);
}
Coro<void> reader(asyncio::EventLoop loop) {
  int fd = ::eventfd(1, EFD_CLOEXEC);
  loop.add_reader(fd, [loop, fd]() mutable {
    loop.remove_reader(fd);
    boom();
  });
  co_await turns();
  ::close(fd);
}
Coro<void> writer(asyncio::EventLoop loop) {
  int fd = ::eventfd(0, EFD_CLOEXEC);
  loop.add_writer(fd, [loop, fd]() mutable {
    loop.remove_writer(fd);
    boom();
  });
  co_await turns();
  ::close(fd);
}
Coro<void> signal_handler(asyncio::EventLoop loop) {
  loop.add_signal_handler(SIGUSR2, boom);
  ::kill(::getpid(), SIGUSR2);
  co_await turns();
  loop.remove_signal_handler(SIGUSR2);
}
Coro<void> future_callback(asyncio::EventLoop) {
  auto future = asyncio::create_future<int>();
  future.add_done_callback([](const auto&) { boom(); });
  future.set_result(1);
  co_await turns();
}
Coro<void> cancelled_future_callback(asyncio::EventLoop) {
  auto future = asyncio::create_future<int>();
  future.add_done_callback([](const auto&) { boom(); });
  future.cancel();
  co_await turns();
}
Coro<void> task_callback(asyncio::EventLoop) {
  auto task = asyncio::create_task(asyncio::sleep(0s));
  task.add_done_callback([](const auto&) { boom(); });
  co_await turns();
}
Coro<void> gather_callback(asyncio::EventLoop) {
  auto both = asyncio::gather(asyncio::sleep(0s), asyncio::sleep(0s));
  both.add_done_callback([](const auto&) { boom(); });
  co_await both;
  co_await turns();
}
Coro<void> shield_callback(asyncio::EventLoop) {
  auto outer = asyncio::shield(asyncio::sleep(0s));
  outer.add_done_callback([](const auto&) { boom(); });
  co_await outer;
  co_await turns();
}
Coro<void> two_callbacks(asyncio::EventLoop) {
  auto future = asyncio::create_future<int>();
  for (int i = 0; i < 2; ++i) future.add_done_callback([](const auto&) { boom(); });
  future.set_result(1);
  co_await turns();
}
Coro<void> dropped_task(asyncio::EventLoop) {
  asyncio::create_task(booms());
  co_await turns();
}
Coro<void> shielded_work(asyncio::EventLoop) {
  auto work = asyncio::create_task(fail(1ms));
  auto outer = asyncio::shield(work);
  co_await asyncio::sleep(0s);
  outer.cancel();
  co_await asyncio::sleep(5ms);
}
Coro<void> leftover_generator(asyncio::EventLoop loop) {
  struct Cleanup {
    static asyncio::AsyncGenerator<int> run() {
      std::exception_ptr failure;
      try {
        co_yield 1;
      } catch (...) {
        failure = std::current_exception();
      }
      if (failure) boom();
    }
  };
  auto generator = Cleanup::run();
  co_await generator.next();
  co_await loop.shutdown_asyncgens();
}
Coro<void> awaited_coroutine(asyncio::EventLoop) { co_await booms(); }
Coro<void> awaited_task(asyncio::EventLoop) { co_await asyncio::create_task(booms()); }
Coro<void> eager_task(asyncio::EventLoop) {
  auto task = asyncio::create_task(booms(), asyncio::TaskOptions().eager_start(true));
  co_await task;
}
Coro<void> generator_step(asyncio::EventLoop) {
  auto generator = booming_generator();
  while (co_await generator.next()) {
  }
}
Coro<void> enter(asyncio::EventLoop) {
  BoomingResource resource{true};
  co_await asyncio::with(resource, turns);
}
Coro<void> leave(asyncio::EventLoop) {
  BoomingResource resource{false};
  co_await asyncio::with(resource, turns);
}
Coro<void> predicate(asyncio::EventLoop) {
  asyncio::Condition condition;
  auto body = [&condition]() -> Coro<void> {
    auto asks = []() -> bool { boom(); };
    co_await condition.wait_for(asks);
  };
  co_await asyncio::with(condition, body);
}
Coro<void> thread(asyncio::EventLoop) { co_await asyncio::to_thread(boom); }
Coro<void> limited(asyncio::EventLoop) { co_await asyncio::wait_for(booms(), 1h); }

constexpr Site sites[] = {
    {"call_soon", 1, call_soon},
    {"call_soon with arguments", 1, call_soon_with_arguments},
    {"call_later", 1, call_later},
    {"call_at", 1, call_at},
    {"call_soon_threadsafe", 1, call_soon_threadsafe},
    {"a reader", 1, reader},
    {"a writer", 1, writer},
    {"a signal handler", 1, signal_handler},
    {"a callback of a future", 1, future_callback},
    {"a callback of a cancelled future", 1, cancelled_future_callback},
    {"a callback of a task", 1, task_callback},
    {"a callback of a gather", 1, gather_callback},
    {"a callback of a shield", 1, shield_callback},
    {"two callbacks", 2, two_callbacks},
    {"a task that nobody holds", 1, dropped_task},
    {"work whose shield was cancelled", 1, shielded_work},
    {"the cleanup of a generator", 1, leftover_generator},
    {"an awaited coroutine", 0, awaited_coroutine},
    {"an awaited task", 0, awaited_task},
    {"an eager task", 0, eager_task},
    {"a step of a generator", 0, generator_step},
    {"aenter()", 0, enter},
    {"aexit()", 0, leave},
    {"a predicate", 0, predicate},
    {"a function in a thread", 0, thread},
    {"what wait_for() awaits", 0, limited},
};

}  // namespace

TEST_CASE("T9: an exception of any callback is told once, and the loop goes on") {
  for (const Site& site : sites) {
    CAPTURE(site.name);
    for (bool handler_throws : {false, true}) {
      int reports = 0;
      std::string thrown;
      auto main = [&]() -> Coro<void> {
        asyncio::EventLoop loop = asyncio::get_running_loop();
        loop.set_exception_handler([&](auto&, const asyncio::ExceptionContext& context) {
          CHECK(heddle::repr(context.exception) == "ValueError('boom')");
          ++reports;
          if (handler_throws) throw heddle::KeyError("the handler too");
        });
        thrown = co_await ending(site.act(loop));
        bool went_on = false;
        loop.call_soon([&went_on] { went_on = true; });
        co_await asyncio::sleep(0s);
        CHECK(went_on);
      };
      // The report about the handler itself goes to stderr, which is not looked at here.
      std::FILE* quiet = std::fopen("/dev/null", "w");
      std::FILE* former = stderr;
      stderr = quiet;
      asyncio::run(main());
      stderr = former;
      std::fclose(quiet);
      CHECK(reports == site.reports);
      CHECK(thrown == (site.reports == 0 ? "ValueError('boom')" : "ended"));
    }
  }
}
