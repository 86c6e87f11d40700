// How late a loop wakes for its timers, on a clock of the test's own. Only in builds whose table of
// calls can be replaced.
#include "asyncio/work.h"
#include "core/kernel.h"

using heddle::Nanoseconds;
using heddle::core::Kernel;
using heddle::core::SystemCalls;

namespace {

Nanoseconds present = 0;
int wake_ups = 0;

// Time passes only while the loop sleeps, and then exactly as long as it asked for.
int sleep_exactly(int, epoll_event*, int, std::int64_t limit) {
  if (limit < 0) throw std::logic_error("the loop waits for ever");
  if (limit > 0) ++wake_ups;
  present += limit;
  return 0;
}

struct OwnTime {
  OwnTime() {
    present = 1'234'567'890'123;
    wake_ups = 0;
    Kernel::monotonic_now = [] { return std::int64_t{present}; };
    Kernel::epoll_wait = &sleep_exactly;
  }
  ~OwnTime() {
    Kernel::monotonic_now = &SystemCalls::monotonic_now;
    Kernel::epoll_wait = &SystemCalls::epoll_wait;
  }
};

// Sets `count` timers of `delay` and more, `step` apart, and runs the loop until all have run.
// Returns by how much the latest was late; none may be early.
Nanoseconds lateness(asyncio::EventLoop& loop, int count, std::chrono::nanoseconds delay,
                     std::chrono::nanoseconds step) {
  Nanoseconds latest = 0;
  int left = count;
  for (int i = 0; i < count; ++i) {
    std::chrono::nanoseconds after = delay + i * step;
    Nanoseconds when = loop.time() + after.count();
    loop.call_later(after, [&, when] {
      CHECK(loop.time() >= when);
      latest = std::max(latest, loop.time() - when);
      if (--left == 0) loop.stop();
    });
  }
  loop.run_forever();
  return latest;
}

}  // namespace

TEST_CASE(
    "timers: those of 100 ms and more share wake-ups, up to a millisecond late, never early") {
  OwnTime own_time;
  asyncio::EventLoop loop;
  Nanoseconds latest = lateness(loop, 1000, 100ms, 10us);  // over 10 ms
  CHECK(latest > 0);
  CHECK(latest < 1 << 20);
  CHECK(wake_ups <= 11);
}

TEST_CASE("timers: shorter ones are exact, also beside long ones") {
  OwnTime own_time;
  asyncio::EventLoop loop;
  loop.call_later(150ms, [] {});
  CHECK(lateness(loop, 10, 1ms, 7us) == 0);
  CHECK(wake_ups == 10);
  CHECK(lateness(loop, 3, 99ms, 100us) == 0);
}

TEST_CASE("timers: a time given to call_at() counts by how far it is ahead") {
  OwnTime own_time;
  asyncio::EventLoop loop;
  Nanoseconds near = loop.time() + 5'000'001;
  Nanoseconds far = loop.time() + 500'000'001;
  Nanoseconds near_ran = 0, far_ran = 0;
  loop.call_at(near, [&] { near_ran = loop.time(); });
  loop.call_at(far, [&] {
    far_ran = loop.time();
    loop.stop();
  });
  loop.run_forever();
  CHECK(near_ran == near);
  CHECK(far_ran > far);
  CHECK(far_ran < far + (1 << 20));
}

// A one-turn run looks at the clock, whenever it was looked at before.
TEST_CASE("timers: one that became due before or between runs fires in the first turn") {
  OwnTime own_time;
  asyncio::EventLoop loop;
  int ran = 0;
  auto later = [&] { ++ran; };
  loop.call_later(5ms, later);
  present += 20'000'000;
  loop.stop();
  loop.run_forever();
  CHECK(ran == 1);
  loop.call_soon([&] {
    loop.call_later(5ms, later);
    loop.stop();
  });
  loop.run_forever();
  present += 20'000'000;
  loop.call_soon([&] { loop.stop(); });
  loop.run_forever();
  CHECK(ran == 2);
}

TEST_CASE(
    "timers: a sleep or time limit that began in the last turn of a run is seen by the next") {
  OwnTime own_time;
  asyncio::EventLoop loop;
  bool woke = false;
  auto nap = [&]() -> Coro<void> {
    loop.stop();
    co_await asyncio::sleep(5ms);
    woke = true;
  };
  auto task = loop.create_task(nap);
  loop.run_forever();
  present += 20'000'000;
  for (int turn = 0; turn < 2; ++turn) {  // due, and then awake
    loop.call_soon([&] { loop.stop(); });
    loop.run_forever();
  }
  CHECK(woke);
}
