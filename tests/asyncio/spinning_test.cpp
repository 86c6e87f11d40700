// When a loop enters the kernel, and when it looks out for other threads instead. Only in builds
// whose table of calls can be replaced.
#include <heddle/testing/virtual_clock.h>
#include <heddle/threading/thread.h>
#include <unistd.h>

#include <semaphore>

#include "asyncio/work.h"
#include "core/kernel.h"

using heddle::core::Kernel;
using heddle::core::SystemCalls;

namespace {

int sleeps = 0;                          // waits for the kernel that may last
std::atomic<int> wake_ups = 0;           // writes to a descriptor
void (*before_first_sleep)() = nullptr;  // on the loop's thread

int counted_wait(int epoll, epoll_event* events, int capacity, std::int64_t limit) {
  if (limit != 0) {
    ++sleeps;
    if (auto* call = std::exchange(before_first_sleep, nullptr)) call();
  }
  return SystemCalls::epoll_wait(epoll, events, capacity, limit);
}

ssize_t counted_write(int fd, const void* buffer, std::size_t size) {
  ++wake_ups;
  return SystemCalls::write(fd, buffer, size);
}

// Counts from here to the end of the scope.
struct Counting {
  Counting() {
    sleeps = 0;
    wake_ups = 0;
    Kernel::epoll_wait = &counted_wait;
    Kernel::write = &counted_write;
  }
  ~Counting() {
    Kernel::epoll_wait = &SystemCalls::epoll_wait;
    Kernel::write = &SystemCalls::write;
  }
};

asyncio::EventLoop* posted_to = nullptr;

Coro<void> run_a_job(heddle::Delay spin_limit) {
  asyncio::get_running_loop().set_spin_limit(spin_limit);
  co_await asyncio::to_thread([] {});
}

std::binary_semaphore fell_asleep(0);

// The thread answers once the loop is about to sleep, so the loop has to.
Coro<void> run_a_job_that_waits(heddle::Delay spin_limit) {
  asyncio::get_running_loop().set_spin_limit(spin_limit);
  before_first_sleep = [] { fell_asleep.release(); };
  co_await asyncio::to_thread([] { fell_asleep.acquire(); });
}

}  // namespace

TEST_CASE("posting: to a loop that is awake never enters the kernel") {
  Counting counting;
  int ran = 0;
  asyncio::EventLoop loop;
  loop.call_soon([&] {
    heddle::threading::Thread poster([&] {
      for (int i = 0; i < 100; ++i) loop.call_soon_threadsafe([&ran] { ++ran; });
      loop.call_soon_threadsafe([&loop] { loop.stop(); });
    });
    poster.start();
    poster.join();
  });
  loop.run_forever();
  CHECK(ran == 100);
  CHECK(wake_ups == 0);
  CHECK(sleeps == 0);
}

TEST_CASE("posting: to a loop that sleeps wakes it once, however many posts there are") {
  Counting counting;
  asyncio::EventLoop loop;
  posted_to = &loop;
  before_first_sleep = [] {  // the loop has made up its mind to sleep
    for (int i = 0; i < 3; ++i) posted_to->call_soon_threadsafe([] {});
    posted_to->call_soon_threadsafe([] { posted_to->stop(); });
  };
  loop.run_forever();
  CHECK(sleeps == 1);
  CHECK(wake_ups == 1);
}

TEST_CASE("spinning: a loop that a thread works for sees the answer without going to sleep") {
  Counting counting;
  asyncio::run(run_a_job(60s));
  CHECK(sleeps == 0);
  CHECK(wake_ups == 0);
}

TEST_CASE("spinning: not with a limit of 0, not on a virtual clock, not when nobody is to answer") {
  {
    Counting counting;
    asyncio::run(run_a_job_that_waits(0s));
    CHECK(sleeps > 0);
  }
  {
    Counting counting;
    testing::VirtualClock clock;
    asyncio::run(run_a_job_that_waits(60s), asyncio::RunnerOptions().clock(clock));
    CHECK(sleeps > 0);
  }
  {
    Counting counting;
    auto nap = []() -> Coro<void> {
      asyncio::get_running_loop().set_spin_limit(60s);
      co_await asyncio::sleep(1ms);
    };
    asyncio::run(nap());
    CHECK(sleeps > 0);
  }
}

TEST_CASE("spinning: what is readable comes before it") {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  auto both = [](int readable) -> Coro<void> {
    asyncio::EventLoop loop = asyncio::get_running_loop();
    loop.set_spin_limit(60s);
    std::binary_semaphore read(0);
    loop.add_reader(readable, [&] {
      loop.remove_reader(readable);
      read.release();
    });
    co_await asyncio::to_thread([&read] { read.acquire(); });  // answers after it was read
  };
  REQUIRE(::write(ends[1], "x", 1) == 1);
  asyncio::run(both(ends[0]));
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST_CASE("spinning: the limit is an option of the loop") {
  asyncio::EventLoop loop;
  loop.set_spin_limit(5us);
  CHECK(loop.get_spin_limit() == 5'000);
  CHECK_THROWS_WITH_AS(loop.set_spin_limit(-1s), "spin_limit must not be negative",
                       heddle::ValueError);
}
