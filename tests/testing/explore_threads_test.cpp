#include <heddle/testing/explore_threads.h>

#include <doctest/doctest.h>
#include <heddle/asyncio.h>
#include <heddle/futures/thread_pool_executor.h>
#include <heddle/threading/lock.h>
#include <heddle/threading/thread.h>

#include <chrono>
#include <cstdlib>
#include <mutex>

#include "core/futex.h"

using namespace std::chrono_literals;
namespace asyncio = heddle::asyncio;
namespace futures = heddle::futures;
namespace testing = heddle::testing;
namespace threading = heddle::threading;
using testing::Schedule;
using testing::ThreadWorld;

namespace {

// The text of the failure; "" for none.
template <class Body>
std::string failure(Body body, testing::ExploreThreadsOptions options = {}) {
  options.name = "body";
  try {
    testing::explore_threads(body, options);
  } catch (const testing::ExploreFailure& failed) {
    return failed.what();
  }
  return "";
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != text.npos;
}

// Two threads that each add one, between reading and writing at any time.
void lost_update(ThreadWorld& world) {
  std::atomic<int> count{0};
  auto add = [&] {
    int seen = count.load();
    world.point("between reading and writing");
    count.store(seen + 1);
  };
  threading::Thread first(add);
  threading::Thread second(add);
  first.start();
  second.start();
  first.join();
  second.join();
  testing::expect_equal(count.load(), 2, "additions");
}

}  // namespace

TEST_CASE(
    "explore_threads: a failure has its seed, the shrunk choices, and the line that replays it") {
  std::string text = failure(lost_update);
  CHECK(text.starts_with("body failed: seed "));
  CHECK(contains(text, "testing::ExpectationError: additions: expected 2, got 1"));
  CHECK(contains(text, " choices to 2: [next "));
  CHECK(contains(text, "at between reading and writing"));

  std::size_t begin = text.find("HEDDLE_REPLAY='") + 15;
  ::setenv("HEDDLE_REPLAY", text.substr(begin, text.find('\'', begin) - begin).c_str(), 1);
  std::string replayed = failure(lost_update);
  auto other = testing::explore_threads(lost_update, {.name = "another"});
  ::unsetenv("HEDDLE_REPLAY");
  CHECK(replayed.starts_with("body failed: replay, step "));
  CHECK(contains(replayed, "additions: expected 2, got 1"));
  CHECK(other.schedules == 0);
}

TEST_CASE("explore_threads: every kind of schedule finds a lost update") {
  for (Schedule schedule : {Schedule::mixed(), Schedule::random(), Schedule::pct(2),
                            Schedule::pct(3), Schedule::dfs(1), Schedule::dfs(2)}) {
    CHECK(contains(failure(lost_update, {.schedule = schedule}), "additions: expected 2, got 1"));
  }
}

TEST_CASE("explore_threads: dfs ends when it has tried all schedules within its bound") {
  auto sound = [](ThreadWorld&) {
    threading::Lock lock;
    int count = 0;
    auto add = [&] {
      std::lock_guard held(lock);
      ++count;
    };
    threading::Thread other(add);
    other.start();
    add();
    other.join();
    testing::expect_equal(count, 2);
  };
  auto result = testing::explore_threads(sound, {.seeds = 100'000, .schedule = Schedule::dfs(1)});
  CHECK(result.complete);
  CHECK(result.schedules >= 4);
  auto more = testing::explore_threads(sound, {.seeds = 100'000, .schedule = Schedule::dfs(2)});
  CHECK(more.complete);
  CHECK(more.schedules > result.schedules);
}

// snippet: transfer
struct Account {
  threading::Lock lock;
  int money = 100;
};

void transfer(Account& from, Account& to, int amount) {
  std::lock_guard first(from.lock);
  std::lock_guard second(to.lock);
  from.money -= amount;
  to.money += amount;
}

void two_transfers(testing::ThreadWorld&) {
  Account savings;
  Account current;
  threading::Thread there([&] { transfer(savings, current, 10); });
  threading::Thread back([&] { transfer(current, savings, 20); });
  there.start();
  back.start();
  there.join();
  back.join();
  testing::expect_equal(savings.money + current.money, 200, "money in the bank");
}
// end snippet

TEST_CASE("explore_threads: a deadlock is a result that names who waits where") {
  std::string text = failure(two_transfers);
  CHECK(contains(text, "deadlock: no thread can go on"));
  CHECK(contains(text, "thread 0 'body' at "));
  CHECK(contains(text, "' at lock.acquire waits since step "));
  CHECK(contains(text, "  shrunk from "));
}

TEST_CASE("explore_threads: what is sound passes all schedules") {
  // snippet: mended-transfer
  auto mended = [](testing::ThreadWorld&) {
    Account savings;
    Account current;
    auto transfer_together = [](Account& from, Account& to, int amount) {
      std::scoped_lock both(from.lock, to.lock);
      from.money -= amount;
      to.money += amount;
    };
    threading::Thread there([&] { transfer_together(savings, current, 10); });
    threading::Thread back([&] { transfer_together(current, savings, 20); });
    there.start();
    back.start();
    there.join();
    back.join();
    testing::expect_equal(savings.money + current.money, 200, "money in the bank");
  };
  CHECK(testing::explore_threads(mended, {.seeds = 1000}).schedules == 1000);
  // end snippet
}

TEST_CASE(
    "explore_threads: a wake-up that comes between looking and sleeping is found to be lost") {
  auto forgets = [](ThreadWorld& world) {
    std::atomic<bool> ready{false};
    std::atomic<std::uint32_t> word{0};
    threading::Thread other([&] {
      ready.store(true);
      heddle::core::wake_all(word);  // nothing changed that a sleeper would look at
    });
    other.start();
    if (!ready.load()) {
      world.point("looked");
      heddle::core::Kernel::futex_wait(reinterpret_cast<std::uint32_t*>(&word), 0, -1);
    }
    other.join();
  };
  CHECK(contains(failure(forgets, {.spurious_wakes = false}), "deadlock"));
}

TEST_CASE(
    "explore_threads: a wait that does not look again is found by a wake-up without a reason") {
  auto believes = [](ThreadWorld&) {
    std::atomic<std::uint32_t> word{0};
    threading::Thread other([&] {
      word.store(1);
      heddle::core::wake_all(word);
    });
    other.start();
    if (word.load() == 0)
      heddle::core::Kernel::futex_wait(reinterpret_cast<std::uint32_t*>(&word), 0, -1);
    std::uint32_t seen = word.load();
    other.join();
    testing::expect_equal(seen, 1u);
  };
  CHECK(contains(failure(believes), "[spurious wake 1/2"));
  CHECK(failure(believes, {.spurious_wakes = false}).empty());
}

TEST_CASE("explore_threads: time jumps, and by choice while others could run") {
  bool early = false;
  bool in_time = false;
  auto begin = std::chrono::steady_clock::now();
  auto body = [&](ThreadWorld& world) {
    std::atomic<bool> told{false};
    threading::Thread other([&] { told.store(true); });
    other.start();
    auto before = world.now();
    world.sleep(1h);
    testing::expect(world.now() - before >= heddle::Nanoseconds{3'600'000'000'000},
                    "an hour passed");
    (told.load() ? in_time : early) = true;
    other.join();
  };
  testing::explore_threads(body, {.seeds = 200});
  CHECK(early);
  CHECK(in_time);
  early = false;
  testing::explore_threads(body, {.seeds = 200, .early_timeouts = false});
  CHECK_FALSE(early);
  CHECK(contains(failure([](ThreadWorld& world) { world.sleep(48h); }), "virtual_max"));
  CHECK(std::chrono::steady_clock::now() - begin < 60s);
}

TEST_CASE(
    "explore_threads: a run that does not end, and what leaves another thread, are failures") {
  auto endless = [](ThreadWorld& world) {
    while (true) world.point("again");
  };
  CHECK(contains(failure(endless, {.steps_max = 1000}), "the run does not end: 1000 steps"));
  auto throws = [](ThreadWorld&) {
    threading::Thread other(threading::ThreadOptions().name("other"),
                            [] { throw heddle::ValueError("no such number"); });
    other.start();
    other.join();
  };
  CHECK(contains(failure(throws), "in thread 'other': ValueError: no such number"));
}

TEST_CASE("explore_threads: a thread that nobody joins belongs to the run") {
  int ended = 0;
  auto result = testing::explore_threads(
      [&](ThreadWorld& world) {
        threading::Thread([&] {
          world.sleep(1s);
          ++ended;
        }).start();
      },
      {.seeds = 100, .check_determinism = false});
  CHECK(ended == 101);  // and the tame one
  CHECK(result.schedules == 100);
}

TEST_CASE("explore_threads: a loop of its own wait does not keep the others from running") {
  auto spins = [](ThreadWorld& world) {
    std::atomic<bool> go{false};
    threading::Thread other([&] { go.store(true); });
    other.start();
    while (!go.load()) world.point("is it time?");
    other.join();
  };
  CHECK(failure(spins, {.steps_max = 10'000}).empty());
}

TEST_CASE(
    "explore_threads: the same seeds give the same runs; a body that depends on more is told so") {
  auto body = [](ThreadWorld& world) {
    futures::ThreadPoolExecutor pool(2);
    auto first = pool.submit([&] { return world.choose(10, "number"); });
    auto second = pool.submit([] { return 2u; });
    static_cast<void>(first.result() + second.result());
  };
  auto first = testing::explore_threads(body, {.seeds = 200});
  auto second = testing::explore_threads(body, {.seeds = 200});
  CHECK(first.hash == second.hash);
  CHECK(first.steps == second.steps);
  CHECK(first.switches > 1000);
  auto other = testing::explore_threads(body, {.seeds = 200, .first_seed = 7});
  CHECK(first.hash != other.hash);
  int runs = 0;
  CHECK(contains(failure(
                     [&runs](ThreadWorld& world) {
                       for (int i = ++runs; i > 0; --i) world.point("again");
                     },
                     {.seeds = 1}),
                 "ran differently the second time"));
}

TEST_CASE("explore_threads: loops take part: a post to a loop that sleeps is never lost") {
  auto body = [](ThreadWorld&) {
    int posted = 0;
    asyncio::EventLoop loop;
    auto post = [&] {
      for (int i = 0; i < 2; ++i) {
        loop.call_soon_threadsafe([&] {
          if (++posted == 4) loop.stop();
        });
      }
    };
    threading::Thread first(post);
    threading::Thread second(post);
    first.start();
    second.start();
    loop.run_forever();
    first.join();
    second.join();
    loop.close();
    testing::expect_equal(posted, 4);
  };
  auto result = testing::explore_threads(body, {.seeds = 1000});
  CHECK(result.schedules == 1000);
}

TEST_CASE("explore_threads: refuses to run inside of another one") {
  CHECK(contains(failure([](ThreadWorld&) { testing::explore_threads([](ThreadWorld&) {}); }),
                 "RuntimeError: explore_threads() cannot be called in a thread of another"));
}
