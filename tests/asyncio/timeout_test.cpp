#include <heddle/asyncio/timeout.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "asyncio/work.h"

using asyncio::Timeout;

static Coro<void> slow_cleanup() {
  std::exception_ptr failure;
  try {
    co_await asyncio::sleep(5s);
  } catch (...) {
    failure = std::current_exception();
  }
  co_await asyncio::sleep(50ms);
  std::rethrow_exception(failure);
}

static Coro<void> limited() {
  co_await asyncio::with(asyncio::timeout(50ms),
                         [](Timeout&) -> Coro<void> { co_await slow_cleanup(); });
}

ASYNC_TEST_CASE("timeout: converts only its own cancellation (rule 28)") {
  auto a = asyncio::create_task(ending(limited()));
  auto b = asyncio::create_task(ending(limited()));
  co_await asyncio::sleep(70ms);  // both have expired and clean up
  a.cancel();
  std::string end_a = co_await a;
  std::string end_b = co_await b;
  CHECK(end_a == "cancelled");
  CHECK(end_b == "TimeoutError()");
}

ASYNC_TEST_CASE("timeout: nested, the one whose deadline passed throws (rule 28)") {
  for (bool inner_first : {true, false}) {
    heddle::Delay inner_limit = inner_first ? heddle::Delay(50ms) : heddle::Delay(300ms);
    heddle::Delay outer_limit = inner_first ? heddle::Delay(300ms) : heddle::Delay(50ms);
    Log log;
    auto outer_body = [&](Timeout&) -> Coro<void> {
      auto inner_body = [](Timeout&) -> Coro<void> { co_await asyncio::sleep(1s); };
      std::string end = co_await ending(asyncio::with(asyncio::timeout(inner_limit), inner_body));
      log.push_back("inner " + end);
      if (end == "cancelled") throw CancelledError();
    };
    log.push_back("outer " +
                  co_await ending(asyncio::with(asyncio::timeout(outer_limit), outer_body)));
    CHECK(log == (inner_first ? Log{"inner TimeoutError()", "outer ended"}
                              : Log{"inner cancelled", "outer TimeoutError()"}));
  }
}

ASYNC_TEST_CASE(
    "timeout: a swallowed cancellation gives no TimeoutError, other errors pass (rule 29)") {
  Timeout swallowed = asyncio::timeout(20ms);
  auto swallow = []() -> Coro<void> {
    try {
      co_await asyncio::sleep(5s);
    } catch (const CancelledError&) {
      // on purpose
    }
  };
  co_await asyncio::with(swallowed, swallow);
  CHECK(swallowed.expired());
  CHECK(asyncio::current_task().cancelling() == 0);
  auto fails = []() -> Coro<void> {
    try {
      co_await asyncio::sleep(5s);
    } catch (const CancelledError&) {
      throw heddle::KeyError("own");
    }
  };
  std::string end = co_await ending(asyncio::with(asyncio::timeout(20ms), fails));
  CHECK(end == "KeyError('own')");
}

ASYNC_TEST_CASE(
    "timeout: may be moved while it runs, may have no limit, and in the past cancels at the first "
    "await") {
  asyncio::EventLoop loop = asyncio::get_running_loop();
  Timeout moved = asyncio::timeout(50ms);
  auto body = [&](Timeout& limit) -> Coro<void> {
    limit.reschedule(loop.time() + 5'000'000'000);
    co_await asyncio::sleep(100ms);
  };
  co_await asyncio::with(moved, body);
  CHECK(!moved.expired());
  CHECK_THROWS_WITH_AS(moved.reschedule(std::nullopt), "Cannot change state of finished Timeout",
                       heddle::RuntimeError);
  Timeout unlimited = asyncio::timeout(std::nullopt);
  co_await asyncio::with(unlimited, [](Timeout& limit) -> Coro<void> {
    CHECK(!limit.when());
    co_await asyncio::sleep(1h);
  });
  Log log;
  auto past = [&log](Timeout&) -> Coro<void> {
    log.push_back("begins");
    co_await asyncio::sleep(0s);
    co_await asyncio::sleep(0s);
    log.push_back("not reached");
  };
  std::string end = co_await ending(asyncio::with(asyncio::timeout(-1s), past));
  CHECK(end == "TimeoutError()");
  CHECK(log == Log{"begins"});
  std::string again = co_await ending(asyncio::with(moved, past));
  CHECK(again == "RuntimeError('Timeout has already been entered')");
}

// A descriptor that is readable from put() until take().
class Signal {
 public:
  Signal() { REQUIRE(fd_ >= 0); }
  Signal(const Signal&) = delete;
  Signal& operator=(const Signal&) = delete;
  ~Signal() { ::close(fd_); }
  int fd() const { return fd_; }
  void put() const { REQUIRE(::eventfd_write(fd_, 1) == 0); }
  void take() const {
    eventfd_t count = 0;
    ::eventfd_read(fd_, &count);
  }

 private:
  int fd_ = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
};

// A task waits for a future; two things happen to it at one instant. Sources: 0 a timer, 1 a
// descriptor, 2 a cancellation, 3 a post, 4 the end of the timeout around it. Gives how often the
// task was resumed.
static int resumptions(const Signal& signal, int first, int second, std::uint64_t seed) {
  int resumed = 0;
  auto body = [&]() -> Coro<void> {
    asyncio::EventLoop loop = asyncio::get_running_loop();
    auto future = asyncio::create_future<void>();
    auto set = [future]() mutable {
      if (!future.done()) future.set_result();
    };
    auto block = [&](Timeout&) -> Coro<void> {
      try {
        co_await future;
      } catch (const CancelledError&) {
        ++resumed;
        throw;
      }
      ++resumed;
    };
    std::optional<heddle::Nanoseconds> when;
    if (first == 4 || second == 4) when = loop.time() + 1'000'000;
    auto task = asyncio::create_task(asyncio::with(asyncio::timeout_at(when), block));
    for (int source : {first, second}) {
      if (source == 0) loop.call_later(1ms, set);
      if (source == 1) {
        loop.add_reader(signal.fd(), [&signal, set]() mutable {
          signal.take();
          set();
        });
        loop.call_later(1ms, [&signal] { signal.put(); });
      }
      if (source == 2) loop.call_later(1ms, [task]() mutable { task.cancel(); });
      if (source == 3)
        loop.call_later(1ms, [set, loop]() mutable { loop.call_soon_threadsafe(set); });
    }
    co_await until_done(task);
    if (!task.cancelled()) static_cast<void>(task.exception());
    loop.remove_reader(signal.fd());
  };
  testing::run_async(body, {.seed = seed, .census = false});
  signal.take();
  return resumed;
}

TEST_CASE("T5: every pair of wake sources at one instant resumes the task exactly once") {
  Signal signal;
  int runs = 0;
  for (int first = 0; first < 5; ++first) {
    for (int second = first; second < 5; ++second) {
      for (std::uint64_t seed = 1; seed <= 10'000; ++seed, ++runs) {
        int resumed = resumptions(signal, first, second, seed);
        if (resumed != 1) {
          FAIL("sources " << first << " and " << second << ", seed " << seed << ": " << resumed);
        }
      }
    }
  }
  CHECK(runs == 150'000);
}
