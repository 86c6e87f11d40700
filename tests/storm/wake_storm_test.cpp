// Threads that hand over to threads and loops that sleep, at random moments: a wake-up that is lost
// leaves somebody asleep who has something to do. HEDDLE_STORM=N makes N hand-offs to the loops,
// and a tenth to the others; a busy machine ends earlier, by the clock, and says how many there
// were.
#include <doctest/doctest.h>
#include <heddle/asyncio.h>
#include <heddle/queue.h>
#include <heddle/threading.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using namespace std::chrono_literals;
namespace asyncio = heddle::asyncio;
namespace queue = heddle::queue;
namespace threading = heddle::threading;

namespace {

std::uint64_t handoffs() {
  const char* text = std::getenv("HEDDLE_STORM");
  return text != nullptr ? std::strtoull(text, nullptr, 10) : HEDDLE_STORM_HANDOFFS;
}

// Where things are handed over, and who takes them.
class Place {
 public:
  explicit Place(std::string name) : name_(std::move(name)) {}

  // Around what the giver of this number does to hand over.
  void begins_to_give(std::size_t giver) noexcept { gives_[giver].fetch_add(1); }
  void gave(std::size_t giver) noexcept {
    gives_[giver].fetch_add(1);
    given_.fetch_add(1);
  }
  void took() noexcept { taken_.fetch_add(1); }
  std::uint64_t given() const noexcept { return given_.load(); }
  std::uint64_t taken() const noexcept { return taken_.load(); }
  const std::string& name() const noexcept { return name_; }

  // The taker, on its thread.
  void is_taken_here() noexcept {
    takers_[taker_count_.fetch_add(1)].store(threading::get_native_id());
  }

  // Something is there, nothing was taken since the last look, whoever could take it sleeps, and no
  // giver was kept from running in the middle of a hand-over: it may be the one that wakes.
  bool stands_still() {
    std::uint64_t taken = taken_.load();
    bool still = given_.load() > taken && taken == seen_ && all_sleep();
    seen_ = taken;
    for (std::size_t i = 0; i < 4; ++i) {
      std::uint64_t now = gives_[i].load();
      bool inside = now % 2 == 1;
      if (std::exchange(seen_gives_[i], now) == now && inside) still = false;
    }
    return still;
  }

 private:
  bool all_sleep() const {
    for (int i = 0; i < taker_count_.load(); ++i) {
      std::ifstream file("/proc/self/task/" + std::to_string(takers_[i].load()) + "/stat");
      std::string line;
      std::getline(file, line);
      std::size_t end = line.rfind(')');
      // A thread that is only kept from running, on a busy machine, is in state R.
      if (end == line.npos || line.size() < end + 3 || line[end + 2] != 'S') return false;
    }
    return taker_count_.load() > 0;
  }

  std::string name_;
  alignas(64) std::atomic<std::uint64_t> given_{0};
  alignas(64) std::atomic<std::uint64_t> taken_{0};
  std::atomic<int> taker_count_{0};
  std::atomic<int> takers_[4] = {};
  std::atomic<std::uint64_t> gives_[4] = {};  // odd: in the middle of one
  std::uint64_t seen_ = 0;                    // the watchdog's
  std::uint64_t seen_gives_[4] = {};
};

// Ends the program when a place stands still for 100 ms: nobody can be unwound then.
class Watchdog {
 public:
  explicit Watchdog(std::vector<Place*> places)
      : places_(std::move(places)), still_(places_.size()) {
    thread_.start();
  }
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;
  ~Watchdog() {
    over_.set();
    thread_.join();
  }

 private:
  void watch() {
    while (!over_.wait(10ms)) {
      for (std::size_t i = 0; i < places_.size(); ++i) {
        still_[i] = places_[i]->stands_still() ? still_[i] + 1 : 0;
        if (still_[i] < 10) continue;
        std::fprintf(stderr, "wake storm: %s sleeps since 100 ms: %llu given, %llu taken\n",
                     places_[i]->name().c_str(),
                     static_cast<unsigned long long>(places_[i]->given()),
                     static_cast<unsigned long long>(places_[i]->taken()));
        std::abort();
      }
    }
  }
  std::vector<Place*> places_;
  std::vector<int> still_;
  threading::Event over_;
  threading::Thread thread_{threading::ThreadOptions().name("watchdog"), [this] { watch(); }};
};

using Instant = std::chrono::steady_clock::time_point;

// Less than a microsecond, mostly.
void pause(std::mt19937_64& random) {
  for (std::uint64_t i = random() % 256; i > 0; --i) heddle::relax();
}

// Gives `count` times, or until `end`, to one of the places: mostly a few at once, and then not
// before all are taken, so that the takers fall asleep again and again.
template <class Give>
void give_at_random(std::size_t giver, std::uint64_t seed, std::uint64_t count, Instant end,
                    const std::vector<Place*>& places, Give& give) {
  std::mt19937_64 random(seed);
  while (count > 0 && std::chrono::steady_clock::now() < end) {
    std::size_t which = random() % places.size();
    std::uint64_t burst = std::min<std::uint64_t>(count, 1 + random() % 32);
    count -= burst;
    for (; burst > 0; --burst) {
      places[which]->begins_to_give(giver);
      give(which);
      places[which]->gave(giver);
      if (random() % 4 == 0) pause(random);
    }
    while (places[which]->taken() + 64 < places[which]->given()) std::this_thread::yield();
    pause(random);
  }
}

template <class Give>
void give_from_four_threads(std::uint64_t count, std::chrono::seconds limit,
                            const std::vector<Place*>& places, Give give) {
  Instant end = std::chrono::steady_clock::now() + limit;
  std::uint64_t seed = std::random_device()();
  INFO("seed " << seed);
  std::vector<threading::Thread> givers;
  for (std::uint64_t i = 0; i < 4; ++i) {
    givers.emplace_back(
        [=, &give, &places] { give_at_random(i, seed + i, count / 4, end, places, give); });
  }
  for (auto& giver : givers) giver.start();
  for (auto& giver : givers) giver.join();
  for (const Place* place : places)
    MESSAGE(place->name() << ": " << place->given() << " hand-offs");
}

}  // namespace

TEST_CASE("wake storm: 4 threads post to 2 loops that sleep") {
  Place places[2] = {Place("loop 1"), Place("loop 2")};
  asyncio::EventLoop loops[2];
  std::vector<threading::Thread> runners;
  for (int i = 0; i < 2; ++i) {
    runners.emplace_back([&, i] {
      places[i].is_taken_here();
      loops[i].run_forever();
    });
    runners.back().start();
  }
  std::uint64_t count = handoffs();
  {
    Watchdog watchdog({&places[0], &places[1]});
    give_from_four_threads(count, 25s, {&places[0], &places[1]}, [&](std::size_t which) {
      loops[which].call_soon_threadsafe([&place = places[which]] { place.took(); });
    });
    for (auto& loop : loops) loop.call_soon_threadsafe([&loop] { loop.stop(); });
    for (auto& runner : runners) runner.join();
  }
  for (const auto& place : places) CHECK(place.taken() == place.given());
}

TEST_CASE("wake storm: Semaphore, with two threads that take") {
  Place place("semaphore");
  threading::Semaphore permits(0);
  std::atomic<bool> over{false};
  std::vector<threading::Thread> takers;
  for (int i = 0; i < 2; ++i) {
    takers.emplace_back([&] {
      place.is_taken_here();
      while (true) {
        permits.acquire();
        if (over.load()) return;
        place.took();
      }
    });
    takers.back().start();
  }
  std::uint64_t count = handoffs() / 10;
  {
    Watchdog watchdog({&place});
    give_from_four_threads(count, 5s, {&place}, [&](std::size_t) { permits.release(); });
    while (place.taken() < place.given()) std::this_thread::yield();
    over.store(true);
    permits.release(2);
    for (auto& taker : takers) taker.join();
  }
  CHECK(place.taken() == place.given());
}

TEST_CASE("wake storm: Event, set for one who clears it") {
  Place places[2] = {Place("event 1"), Place("event 2")};
  threading::Event events[2];
  std::atomic<std::uint64_t> pending[2] = {};
  std::atomic<bool> over{false};
  std::vector<threading::Thread> takers;
  for (int i = 0; i < 2; ++i) {
    takers.emplace_back([&, i] {
      places[i].is_taken_here();
      while (!over.load() || pending[i].load() > 0) {
        events[i].wait();
        events[i].clear();
        for (std::uint64_t n = pending[i].exchange(0); n > 0; --n) places[i].took();
      }
    });
    takers.back().start();
  }
  std::uint64_t count = handoffs() / 10;
  {
    Watchdog watchdog({&places[0], &places[1]});
    give_from_four_threads(count, 5s, {&places[0], &places[1]}, [&](std::size_t which) {
      pending[which].fetch_add(1);
      events[which].set();
    });
    over.store(true);
    for (auto& event : events) event.set();
    for (auto& taker : takers) taker.join();
  }
  for (const auto& place : places) CHECK(place.taken() == place.given());
}

TEST_CASE("wake storm: queues, with two threads that get") {
  auto storm = [](auto& items, const char* name) {
    Place place(name);
    std::vector<threading::Thread> takers;
    for (int i = 0; i < 2; ++i) {
      takers.emplace_back([&] {
        place.is_taken_here();
        while (items.get() != 0) place.took();
      });
      takers.back().start();
    }
    std::uint64_t count = handoffs() / 10;
    {
      Watchdog watchdog({&place});
      give_from_four_threads(count, 5s, {&place}, [&](std::size_t) { items.put(1); });
      for (int i = 0; i < 2; ++i) items.put(0);
      for (auto& taker : takers) taker.join();
    }
    CHECK(place.taken() == place.given());
  };
  queue::Queue<int> unbounded;
  storm(unbounded, "queue");
  queue::Queue<int> bounded(4);
  storm(bounded, "bounded queue");
  queue::SimpleQueue<int> simple;
  storm(simple, "simple queue");
}
