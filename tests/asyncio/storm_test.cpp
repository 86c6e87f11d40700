// T1: millions of cancellations; HEDDLE_WORLDS=17 makes it ten million under AddressSanitizer.
#include "asyncio/scenarios.h"
#include "asyncio/work.h"

namespace {

// A thousand tasks at all kinds of waits, half of them cancelled after a few turns, again and
// again.
class Storm {
 public:
  explicit Storm(std::uint64_t seed) : random_(seed) {}

  Coro<void> run(std::uint64_t cancels_wanted) {
    while (cancels_ < cancels_wanted) {
      while (live_.size() < 1000) live_.push_back(asyncio::create_task(work()));
      for (std::uint32_t turns = below(3); turns > 0; --turns) co_await asyncio::sleep(0s);
      while (live_.size() > 500) {
        std::swap(live_[below(static_cast<std::uint32_t>(live_.size()))], live_.back());
        cancels_ += live_.back().cancel();
        live_.pop_back();
      }
    }
    for (auto& task : live_) task.cancel();
    co_await asyncio::wait(live_);
    live_.clear();
    CHECK(!lock_.locked());
    for (int permit = 0; permit < 3; ++permit) co_await semaphore_.acquire();
    CHECK(taken_ + static_cast<std::uint64_t>(queue_.qsize()) == put_);
  }
  std::uint64_t cancels() const noexcept { return cancels_; }

 private:
  std::uint32_t below(std::uint32_t n) { return random_.choose(n, "storm"); }
  // One coroutine, so that a cancellation is one exception and not one a frame.
  Coro<void> work() {
    for (int i = 0; i < 8; ++i) {
      switch (below(6)) {
        case 0: {
          auto held = co_await lock_.hold();
          co_await asyncio::sleep(0s);
          break;
        }
        case 1: {
          auto permit = co_await semaphore_.hold();
          co_await asyncio::sleep(1ms);
          break;
        }
        case 2:
          co_await queue_.put(1);
          ++put_;
          break;
        case 3:
          co_await queue_.get();
          ++taken_;
          break;
        case 4:
          co_await asyncio::sleep(0s);
          break;
        default:
          co_await asyncio::wait_for(event_.wait(), 1s);
      }
    }
  }

  testing::Choices random_;
  asyncio::Lock lock_;
  asyncio::Semaphore semaphore_{3};
  asyncio::Event event_;
  asyncio::Queue<int> queue_{4};
  std::uint64_t put_ = 0;
  std::uint64_t taken_ = 0;
  std::uint64_t cancels_ = 0;
  std::vector<asyncio::Task<void>> live_;
};

}  // namespace

TEST_CASE("T1: millions of tasks cancelled at random steps leave nothing and lose nothing") {
  // A chunk at a time, since choices are recorded.
  std::uint64_t chunks = heddle::address_sanitizer ? 6 * scenarios::scale() : scenarios::scale();
  std::uint64_t cancels = 0;
  for (std::uint64_t chunk = 1; chunk <= chunks; ++chunk) {
    auto body = [&]() -> Coro<void> {
      Storm storm(chunk);
      co_await storm.run(100'000);
      cancels += storm.cancels();
    };
    testing::run_async(body);
  }
  MESSAGE(cancels << " cancellations");
  CHECK(cancels >= chunks * 100'000);
}
