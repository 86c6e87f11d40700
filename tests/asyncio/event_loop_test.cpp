#include <heddle/asyncio/event_loop.h>
#include <heddle/threading/thread.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

#include "asyncio/work.h"

struct Chain {
  Log& log;
  asyncio::EventLoop loop;
  std::string tag;
  int left;
  void operator()() {
    log.push_back(tag + std::to_string(left));
    if (left > 0) loop.call_soon(Chain{log, loop, tag, left - 1});
  }
};

ASYNC_TEST_CASE(
    "EventLoop: a turn runs what was ready when it began, first in first out (rule 3)") {
  Log log;
  asyncio::EventLoop loop = asyncio::get_running_loop();
  loop.call_soon(Chain{log, loop, "a", 2});
  loop.call_soon(Chain{log, loop, "b", 2});
  loop.call_later(0s, [&log] { log.push_back("timer"); });
  while (log.size() < 7) co_await asyncio::sleep(0s);
  CHECK(log == Log{"a2", "b2", "timer", "a1", "b1", "a0", "b0"});
}

TEST_CASE("EventLoop: stop() ends the turn, not the callback (rule 4)") {
  asyncio::EventLoop loop;
  Log log;
  loop.call_soon([&] {
    log.push_back("1");
    loop.call_soon([&log] { log.push_back("3"); });
  });
  loop.call_soon([&loop] { loop.stop(); });
  loop.call_soon([&log] { log.push_back("2"); });
  loop.run_forever();
  CHECK(log == Log{"1", "2"});
  loop.stop();  // before run_forever(): exactly one turn
  loop.run_forever();
  CHECK(log == Log{"1", "2", "3"});
  loop.close();
}

ASYNC_TEST_CASE(
    "EventLoop: timers run in the order of their deadlines, equal ones in that of the calls (rule "
    "5)") {
  asyncio::EventLoop loop = asyncio::get_running_loop();
  Log log;
  heddle::Nanoseconds start = loop.time();
  for (int delay : {60, 20, -1000, 40}) {
    loop.call_at(start + delay * 1'000'000,
                 [&log, delay] { log.push_back(std::to_string(delay)); });
  }
  for (int i = 0; i < 3; ++i) {
    loop.call_at(start + 80'000'000, [&log, i] { log.push_back("tie" + std::to_string(i)); });
  }
  asyncio::TimerHandle cancelled = loop.call_later(50ms, [&log] { log.push_back("never"); });
  cancelled.cancel();
  cancelled.cancel();
  CHECK(cancelled.cancelled());
  co_await asyncio::sleep(150ms);
  CHECK(log == Log{"-1000", "20", "40", "60", "tie0", "tie1", "tie2"});
}

ASYNC_TEST_CASE("EventLoop: one bad callback does not stop it (rule 40)") {
  asyncio::EventLoop loop = asyncio::get_running_loop();
  Log log;
  loop.set_exception_handler([&log](asyncio::EventLoop&, const asyncio::ExceptionContext& context) {
    log.push_back(context.message.substr(0, 21) + " " + heddle::repr(context.exception));
  });
  loop.call_soon([] { throw heddle::ZeroDivisionError("division by zero"); });
  loop.call_soon([&log] { log.push_back("next one ran"); });
  co_await asyncio::sleep(0s);
  CHECK(log == Log{"Exception in callback ZeroDivisionError('division by zero')", "next one ran"});
}

TEST_CASE(
    "EventLoop: a KeyboardInterrupt of a callback leaves it, and the rest of the turn stays queued "
    "(rule 40)") {
  asyncio::EventLoop loop;
  bool ran = false;
  loop.call_soon([] { throw heddle::KeyboardInterrupt(); });
  loop.call_soon([&] {
    ran = true;
    loop.stop();
  });
  CHECK_THROWS_AS(loop.run_forever(), heddle::KeyboardInterrupt);
  CHECK(!ran);
  loop.run_forever();
  CHECK(ran);
  loop.close();
}

TEST_CASE("EventLoop: misuse is reported at the call") {
  asyncio::EventLoop loop;
  loop.call_soon([&loop] {
    CHECK_THROWS_WITH_AS(loop.run_forever(), "This event loop is already running",
                         heddle::RuntimeError);
    CHECK_THROWS_AS(loop.close(), heddle::RuntimeError);
    asyncio::EventLoop other;
    CHECK_THROWS_AS(other.run_forever(), heddle::RuntimeError);
    other.close();
    loop.stop();
  });
  loop.run_forever();
  loop.close();
  loop.close();  // idempotent
  CHECK(loop.is_closed());
  try {
    loop.call_soon([] {});
    FAIL("no exception");
  } catch (const heddle::RuntimeError& error) {
    CHECK(std::string(error.what()).starts_with("Event loop is closed"));
  }
  CHECK_THROWS_AS(loop.call_soon_threadsafe([] {}), heddle::RuntimeError);
  CHECK_THROWS_AS(asyncio::get_running_loop(), heddle::RuntimeError);
}

TEST_CASE("EventLoop: closing it drops what is queued and releases what that holds") {
  auto held = std::make_shared<int>(1);
  asyncio::EventLoop loop;
  loop.call_soon([held] {});
  loop.call_later(1s, [held] {});
  loop.call_soon_threadsafe([held] {});
  CHECK(held.use_count() == 4);
  loop.close();
  CHECK(held.use_count() == 1);
}

TEST_CASE(
    "EventLoop: call_soon_threadsafe() wakes a sleeping loop, in the order of each thread's "
    "calls") {
  asyncio::EventLoop loop;
  std::vector<int> seen;
  heddle::threading::Thread poster([loop, &seen]() mutable {
    for (int i = 0; i < 1000; ++i) loop.call_soon_threadsafe([&seen, i] { seen.push_back(i); });
    loop.call_soon_threadsafe([loop]() mutable { loop.stop(); });
  });
  poster.start();
  loop.run_forever();
  poster.join();
  loop.close();
  CHECK(seen.size() == 1000);
  CHECK(std::is_sorted(seen.begin(), seen.end()));
}

// Two ends of a pipe, closed at the end of the scope.
struct Pipe {
  Pipe() { REQUIRE(::pipe(ends) == 0); }
  ~Pipe() {
    ::close(ends[0]);
    ::close(ends[1]);
  }
  void put() { REQUIRE(::write(ends[1], "x", 1) == 1); }
  int ends[2] = {-1, -1};
};

ASYNC_TEST_CASE(
    "EventLoop: a reader is called each turn while its descriptor is readable, until removed") {
  Pipe pipe;
  asyncio::EventLoop loop = asyncio::get_running_loop();
  int calls = 0;
  loop.add_reader(pipe.ends[0], [&] {
    if (++calls == 3) loop.remove_reader(pipe.ends[0]);
  });
  co_await asyncio::sleep(1ms);
  CHECK(calls == 0);
  pipe.put();
  co_await asyncio::sleep(10ms);
  CHECK(calls == 3);
  CHECK(!loop.remove_reader(pipe.ends[0]));
  CHECK_THROWS_AS(loop.add_reader(-1, [] {}), heddle::ValueError);
  CHECK_THROWS_AS(loop.add_reader(1'000'000, [] {}), std::system_error);
}

ASYNC_TEST_CASE(
    "T10: a ping-pong pair, a readable descriptor and a blocking callback starve nobody") {
  Pipe pipe;
  pipe.put();
  asyncio::EventLoop loop = asyncio::get_running_loop();
  long turns = 0;
  long last_read = 0;
  long longest_wait = 0;
  loop.add_reader(pipe.ends[0], [&] {
    longest_wait = std::max(longest_wait, turns - last_read);
    last_read = turns;
  });
  auto pong = [&turns](bool counts) -> Coro<void> {
    for (int i = 0; i < 1000; ++i) {
      turns += counts;
      co_await asyncio::sleep(0s);
    }
  };
  heddle::Nanoseconds due = loop.time() + 5'000'000;
  heddle::Nanoseconds late = -1;
  loop.call_at(due, [&] { late = loop.time() - due; });
  loop.call_soon([] { testing::block_for(20'000'000); });  // 15 ms beyond the timer
  co_await asyncio::gather(pong(true), pong(false));
  loop.remove_reader(pipe.ends[0]);
  CHECK(longest_wait <= 2);
  CHECK(late >= 0);
  CHECK(late - 15'000'000 <= 1'000'000);
}

TEST_CASE("EventLoop: callbacks take arguments and a context, whatever calls them") {
  static heddle::ContextVar<int> var("var", 0);
  heddle::Context given;
  given.run([] { var.set(7); });
  asyncio::EventLoop loop;
  std::vector<int> seen;
  auto look = [&] { seen.push_back(var.get()); };
  loop.call_soon(look, given);
  loop.call_later(0s, look, given);
  loop.call_at(loop.time(), look, given);
  loop.call_soon_threadsafe(look, given);
  loop.call_soon(look);
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  std::string text;
  loop.add_reader(
      ends[0],
      [&](const std::string& tag, int fd) {
        char byte = 0;
        if (::read(fd, &byte, 1) == 1) text += tag + byte;
        if (byte == '2') loop.stop();
      },
      std::string("read "), ends[0]);
  REQUIRE(::write(ends[1], "12", 2) == 2);
  loop.run_forever();
  loop.remove_reader(ends[0]);
  CHECK(text == "read 1read 2");
  std::sort(seen.begin(), seen.end());
  CHECK(seen == std::vector{0, 7, 7, 7, 7});
  loop.add_signal_handler(
      SIGUSR1, [&](const std::string& name) { text = name, loop.stop(); }, std::string("usr1"));
  ::raise(SIGUSR1);
  loop.run_forever();
  loop.remove_signal_handler(SIGUSR1);
  CHECK(text == "usr1");
  ::close(ends[0]);
  ::close(ends[1]);
  loop.close();
}

ASYNC_TEST_CASE("EventLoop: an exception handler that replaces itself is kept until it returns") {
  asyncio::EventLoop loop = asyncio::get_running_loop();
  auto held = std::make_shared<int>(1);
  int second = 0;
  long held_after = 0;
  loop.set_exception_handler([&, held](asyncio::EventLoop& its, const auto&) {
    its.set_exception_handler([&](asyncio::EventLoop&, const auto&) { ++second; });
    held_after = held.use_count();
  });
  auto fails = [] { throw heddle::ValueError("boom"); };
  loop.call_soon(fails);
  loop.call_soon(fails);
  co_await asyncio::sleep(0s);
  CHECK(held_after == 2);
  CHECK(held.use_count() == 1);
  CHECK(second == 1);
  loop.reset_exception_handler();
}

static Coro<void> sleeps() { co_await asyncio::sleep(1h); }

namespace {

struct StartsASleeper {
  bool last = true;
  StartsASleeper() = default;
  StartsASleeper(StartsASleeper&& other) noexcept : last(std::exchange(other.last, false)) {}
  ~StartsASleeper() {
    if (last) asyncio::create_task(sleeps(), asyncio::TaskOptions().eager_start(true));
  }
};

}  // namespace

TEST_CASE("EventLoop: what destructors start while it closes is dropped, too") {
  asyncio::EventLoop loop;
  int reports = 0;
  loop.set_exception_handler(
      [&reports](asyncio::EventLoop&, const asyncio::ExceptionContext&) { ++reports; });
  loop.call_later(1h, [starts = StartsASleeper()] {});
  loop.call_later(2h, [] {});
  loop.close();
  CHECK(reports == 1);  // Task was destroyed but it is pending!
}
