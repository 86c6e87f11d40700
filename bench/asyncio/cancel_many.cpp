// A million tasks that do different things, each cancelled at a random step: time, memory, leaks.
#include <heddle/asyncio.h>
#include <heddle/detail/memory.h>
#include <sys/resource.h>

#include <cstdlib>
#include <cstring>
#include <memory>

namespace asyncio = heddle::asyncio;
using asyncio::Coro;
using namespace std::chrono_literals;

namespace {

// splitmix64
std::uint64_t state = 1;
std::uint32_t random_below(std::uint32_t n) {
  state += 0x9e3779b97f4a7c15;
  std::uint64_t mixed = (state ^ (state >> 30)) * 0xbf58476d1ce4e5b9;
  mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
  return static_cast<std::uint32_t>((mixed ^ (mixed >> 31)) % n);
}

struct Shared {
  asyncio::Lock lock;
  asyncio::Semaphore semaphore{3};
  asyncio::Event event;
  asyncio::Queue<int> queue{4};
};

Coro<void> step(Shared& shared) {
  switch (random_below(6)) {
    case 0: {
      auto held = co_await shared.lock.hold();
      co_await asyncio::sleep(0s);
      co_return;
    }
    case 1: {
      auto permit = co_await shared.semaphore.hold();
      co_await asyncio::sleep(1ms);
      co_return;
    }
    case 2:
      co_await shared.queue.put(1);
      co_return;
    case 3:
      co_await shared.queue.get();
      co_return;
    case 4:
      co_await asyncio::sleep(0s);
      co_return;
    default:
      co_await asyncio::wait_for(shared.event.wait(), 1s);
  }
}

Coro<void> work(Shared& shared) {
  for (int i = 0; i < 8; ++i) co_await step(shared);
}

Coro<long> cancel_many(long count) {
  Shared shared;
  long cancelled = 0;
  std::vector<asyncio::Task<void>> live;
  for (long i = 0; i < count; ++i) {
    live.push_back(asyncio::create_task(work(shared)));
    if (live.size() < 1000) continue;
    for (std::uint32_t turns = random_below(3); turns > 0; --turns) co_await asyncio::sleep(0s);
    for (int victims = 0; victims < 500; ++victims) {
      std::swap(live[random_below(static_cast<std::uint32_t>(live.size()))], live.back());
      cancelled += live.back().cancel();
      live.pop_back();
    }
  }
  for (auto& task : live) cancelled += task.cancel();
  co_await asyncio::wait(live);
  co_return cancelled;
}

}  // namespace

int main(int argc, char** argv) {
  long count = argc > 1 && std::strcmp(argv[1], "--quick") == 0 ? 10'000 : 1'000'000;
  std::int64_t before = heddle::detail::live_allocations();
  auto begin = std::chrono::steady_clock::now();
  long cancelled = asyncio::run(cancel_many(count));
  std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  std::printf("%ld tasks, %ld cancelled, %.2f s, peak memory %ld MiB, %lld blocks left\n", count,
              cancelled, took.count(), usage.ru_maxrss / 1024,
              static_cast<long long>(heddle::detail::live_allocations() - before));
}
