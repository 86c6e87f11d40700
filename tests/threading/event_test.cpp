#include <heddle/threading/event.h>

#include "threading/stress.h"

namespace threading = heddle::threading;
using namespace std::chrono_literals;
using threading::Event;

static_assert(std::is_trivially_destructible_v<Event>);
[[maybe_unused]] static constinit Event constant_initialised;

TEST_CASE("Event: wait() says whether the flag is up") {
  Event event;
  CHECK_FALSE(event.is_set());
  CHECK_FALSE(event.wait(1ms));
  CHECK_FALSE(event.wait(-1s));
  event.set();
  event.set();
  CHECK(event.is_set());
  CHECK(event.wait());
  CHECK(event.wait(0s));
  event.clear();
  event.clear();
  CHECK_FALSE(event.is_set());
  CHECK_FALSE(event.wait(0s));
}

TEST_CASE("Event: set() lets all waiters through, even if clear() follows at once") {
  for (int round = 0; round < 20; ++round) {
    Event event;
    std::atomic<int> through{0};
    std::vector<threading::Thread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        if (event.wait()) ++through;
      });
      threads.back().start();
    }
    // Nobody gets through by the state of the flag but by the change of it, or comes later.
    while (through < 4) {
      event.set();
      event.clear();
    }
    for (auto& thread : threads) thread.join();
    CHECK_FALSE(event.is_set());
  }
}

TEST_CASE("Event: hand-overs lose no wake-up, timeouts at random") {
  threading::for_thread_counts([](unsigned count) {
    // A ring: each waits for its own event and sets the next one's.
    std::vector<Event> events(count);
    long shared = 0;
    events[0].set();
    threading::run_threads(count, [&](unsigned index, auto& random) {
      for (int n = 0; n < 500; ++n) {
        if (random() % 2 == 0) {
          while (!events[index].wait(threading::random_timeout(random))) {
          }
        } else {
          events[index].wait();
        }
        events[index].clear();
        ++shared;  // by one thread at a time
        events[(index + 1) % count].set();
      }
    });
    CHECK(shared == 500L * count);
  });
}
