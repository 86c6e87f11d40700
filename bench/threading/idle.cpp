// What waiting costs: CPU and changes of context a second while everything of heddle that can wait
// does. Argument: seconds a state, 5 unless given; --quick: a twentieth.
#include <heddle/asyncio.h>
#include <heddle/futures.h>
#include <heddle/queue.h>
#include <heddle/threading.h>
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <thread>
#include <vector>

namespace asyncio = heddle::asyncio;
namespace futures = heddle::futures;
namespace threading = heddle::threading;
using namespace std::chrono_literals;

namespace {

struct Usage {
  double microseconds;
  long switches;

  static Usage now() {
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    auto micro = [](const timeval& time) {
      return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_usec);
    };
    return {micro(used.ru_utime) + micro(used.ru_stime), used.ru_nvcsw + used.ru_nivcsw};
  }
};

// Lets what was begun fall asleep, then sleeps beside it.
void measure(const char* state, double seconds) {
  std::this_thread::sleep_for(50ms);
  Usage before = Usage::now();
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
  Usage after = Usage::now();
  std::printf("%-40s %8.1f us of CPU a second, %6.1f switches\n", state,
              (after.microseconds - before.microseconds) / seconds,
              static_cast<double>(after.switches - before.switches) / seconds);
}

void idle_pool(double seconds) {
  futures::ThreadPoolExecutor pool(8);
  std::vector<futures::Future<void>> begun;
  threading::Barrier all(8);
  for (int i = 0; i < 8; ++i) begun.push_back(pool.submit([&all] { all.wait(); }));
  for (auto& job : begun) job.result();
  measure("a pool of 8 threads without work", seconds);
}

// Eight threads in one wait, which `end` ends.
template <class Wait, class End>
void idle_threads(const char* state, double seconds, Wait wait, End end) {
  std::vector<threading::Thread> threads;
  for (int i = 0; i < 8; ++i) threads.emplace_back(wait);
  for (auto& thread : threads) thread.start();
  measure(state, seconds);
  end();
  for (auto& thread : threads) thread.join();
}

void idle_primitives(double seconds) {
  threading::Lock lock;
  lock.acquire();
  idle_threads(
      "8 threads at a Lock", seconds, [&] { std::lock_guard held(lock); }, [&] { lock.release(); });
  threading::Event event;
  idle_threads(
      "8 threads at an Event, for an hour", seconds, [&] { event.wait(1h); }, [&] { event.set(); });
  heddle::queue::Queue<int> items;
  idle_threads("8 threads at a Queue", seconds, [&] { items.next(); }, [&] { items.shutdown(); });
}

void idle_loop(double seconds) {
  asyncio::EventLoop loop;
  int pipe[2];
  if (::pipe(pipe) != 0) std::exit(1);
  loop.add_reader(pipe[0], [] {});
  loop.call_later(1h, [] {});
  threading::Thread runner([&] { loop.run_forever(); });
  runner.start();
  measure("a loop with a timer and a descriptor", seconds);
  loop.call_soon_threadsafe([&] {
    loop.remove_reader(pipe[0]);
    loop.stop();
  });
  runner.join();
}

void waiting_loop(double seconds) {
  asyncio::EventLoop loop;
  threading::Event over;
  threading::Thread runner([&] {
    auto body = [&]() -> asyncio::Coro<void> {
      co_await asyncio::to_thread([&over] { over.wait(); });
    };
    loop.run_until_complete(body());
  });
  runner.start();
  measure("a loop that waits for a busy thread", seconds);
  over.set();
  runner.join();
}

}  // namespace

int main(int argc, char** argv) {
  double seconds = 5;
  if (argc > 1) seconds = std::strcmp(argv[1], "--quick") == 0 ? 0.25 : std::atof(argv[1]);
  measure("nothing but the main thread", seconds);
  idle_pool(seconds);
  idle_primitives(seconds);
  idle_loop(seconds);
  waiting_loop(seconds);
}
