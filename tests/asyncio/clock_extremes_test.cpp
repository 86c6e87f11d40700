// T7: 30 lengths of time in each of 8 calls, at both ends of the clock and at 2^31 ms. Promised:
// what is over is over at once, what is not waits, nothing overflows, NaN is refused.
#include <cfloat>
#include <cmath>

#include "asyncio/work.h"

namespace {

constexpr double seconds[] = {0.0,
                              -0.0,
                              1e-10,
                              -1e-10,
                              1e-9,
                              -1e-9,
                              1e-3,
                              -1e-3,
                              1.0,
                              -1.0,
                              86400 * 24.9,
                              2147483.647,
                              2147483.648,
                              2147483.649,
                              -2147483.648,
                              4294967.296,
                              2.9979e9,
                              9.2233720368e9,
                              9.2233720369e9,
                              -9.2233720369e9,
                              1e18,
                              -1e18,
                              DBL_MIN,
                              -DBL_MIN,
                              DBL_MAX,
                              -DBL_MAX,
                              HUGE_VAL,
                              -HUGE_VAL,
                              5e-324,
                              NAN};
static_assert(std::size(seconds) == 30);

// What each of the calls has seen come to its end.
struct Ends {
  bool sleep = false;
  bool call_later = false;
  bool call_at = false;
  bool timeout = false;
  bool timeout_at = false;
  bool wait_for = false;
  bool wait = false;
  bool scope = false;
};

Coro<void> forever() { co_await asyncio::create_future<void>(); }

Coro<void> within(asyncio::Timeout limit, bool& over) {
  try {
    co_await asyncio::with(limit, [](asyncio::Timeout&) { return forever(); });
  } catch (const heddle::TimeoutError&) {
    over = true;
  }
}
Coro<void> sleeps(heddle::Delay delay, bool& over) {
  co_await asyncio::sleep(delay);
  over = true;
}
Coro<void> waits_for(heddle::Delay delay, bool& over) {
  try {
    co_await asyncio::wait_for(asyncio::create_future<void>(), delay);
  } catch (const heddle::TimeoutError&) {
    over = true;
  }
}
Coro<void> watches(heddle::Delay delay, bool& over) {
  std::vector<asyncio::Future<void>> futures{asyncio::create_future<void>()};
  co_await asyncio::wait(futures, {.timeout = delay});
  over = true;
}
Coro<void> moves_on(heddle::Delay delay, bool& over) {
  co_await asyncio::with(asyncio::move_on_after(delay),
                         [](asyncio::CancelScope&) { return forever(); });
  over = true;
}

Coro<void> all_calls(double length) {
  asyncio::EventLoop loop = asyncio::get_running_loop();
  heddle::Delay delay = std::chrono::duration<double>(length);
  heddle::Nanoseconds when = heddle::saturating_add(loop.time(), delay.nanoseconds());
  Ends ends;
  std::vector<asyncio::Handle> handles{loop.call_later(delay, [&ends] { ends.call_later = true; }),
                                       loop.call_at(when, [&ends] { ends.call_at = true; })};
  std::vector<asyncio::Task<void>> tasks;
  tasks.push_back(asyncio::create_task(sleeps(delay, ends.sleep)));
  tasks.push_back(asyncio::create_task(within(asyncio::timeout(delay), ends.timeout)));
  tasks.push_back(asyncio::create_task(within(asyncio::timeout_at(when), ends.timeout_at)));
  tasks.push_back(asyncio::create_task(waits_for(delay, ends.wait_for)));
  tasks.push_back(asyncio::create_task(watches(delay, ends.wait)));
  tasks.push_back(asyncio::create_task(moves_on(delay, ends.scope)));
  co_await asyncio::sleep(2ms);
  bool due = length <= 1e-3;
  for (bool over : {ends.sleep, ends.call_later, ends.call_at, ends.timeout, ends.timeout_at,
                    ends.wait_for, ends.wait, ends.scope}) {
    CHECK(over == due);
  }
  for (auto& handle : handles) handle.cancel();
  for (auto& task : tasks) task.cancel();
  co_await asyncio::wait(tasks);
}

}  // namespace

TEST_CASE("T7: thirty lengths of time in eight calls neither overflow nor come early") {
  constexpr heddle::Nanoseconds starts[] = {0, 2'147'483'648LL * 1'000'000,
                                            INT64_MAX - 1'000'000'000};
  for (heddle::Nanoseconds start : starts) {
    for (double length : seconds) {
      CAPTURE(start);
      CAPTURE(length);
      if (std::isnan(length)) {
        CHECK_THROWS_AS(static_cast<void>(heddle::Delay(std::chrono::duration<double>(length))),
                        heddle::ValueError);
        continue;
      }
      auto body = [length]() -> Coro<void> { co_await all_calls(length); };
      testing::run_async(body, {.start = start});
    }
  }
}

TEST_CASE("T7: timers at both ends of the clock keep their order") {
  auto body = []() -> Coro<void> {
    asyncio::EventLoop loop = asyncio::get_running_loop();
    Log log;
    auto far = loop.call_later(std::chrono::hours::max(), [&log] { log.push_back("far"); });
    loop.call_later(1ms, [&log] { log.push_back("soon"); });
    loop.call_later(std::chrono::hours::min(), [&log] { log.push_back("past"); });
    loop.call_at(INT64_MIN, [&log] { log.push_back("first"); });
    co_await asyncio::sleep(2ms);
    CHECK(log == Log{"past", "first", "soon"});
    far.cancel();
  };
  testing::run_async(body);
}

TEST_CASE("T7: what is due at the last moment of the clock runs, once") {
  testing::VirtualClock clock;
  asyncio::EventLoop loop(clock);
  int runs = 0;
  loop.call_at(INT64_MAX, [&] { ++runs; });
  auto task = loop.create_task(asyncio::sleep(std::chrono::hours::max()));
  loop.run_until_complete(task);
  CHECK(loop.time() == INT64_MAX);
  CHECK(runs == 1);
  loop.close();
}
