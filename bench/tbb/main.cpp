// The rows that oneTBB has: task_group in an arena, enqueue, concurrent_bounded_queue.
#include <tbb/concurrent_queue.h>
#include <tbb/global_control.h>
#include <tbb/task_arena.h>
#include <tbb/task_group.h>

#include <atomic>
#include <future>

#include "../thread_queue.h"

using namespace std::chrono_literals;

namespace {

void exec_rt(long n) {
  tbb::task_arena arena(1, 0);
  arena.initialize();
  bench::Stopwatch watch;
  long done = 0;
  for (long i = 0; i < n; ++i) {
    std::promise<int> promise;
    auto result = promise.get_future();
    arena.enqueue([&] { promise.set_value(1); });
    done += result.get();
  }
  watch.report("exec_rt", n);
  bench::require(done == n, "every job ran");
}

// The thread that waits helps, so that two run: itself and one worker.
void group(const char* row, long n, std::chrono::nanoseconds body) {
  tbb::task_arena arena(2, 1);
  std::atomic<long> done = 0;
  bench::Stopwatch watch;
  arena.execute([&] {
    tbb::task_group tasks;
    for (long i = 0; i < n; ++i) {
      tasks.run([&, body] {
        if (body > 0ns) bench::busy(body);
        done.fetch_add(1, std::memory_order_relaxed);
      });
    }
    tasks.wait();
  });
  watch.report(row, n);
  bench::require(done == n, "every job ran");
}

void exec_tp0(long n) { group("exec_tp0", n, 0ns); }
void exec_tp1(long n) { group("exec_tp1", n, 1us); }
void exec_tp10(long n) { group("exec_tp10", n, 10us); }

void through_queue(const char* row, long n, long pairs) {
  tbb::concurrent_bounded_queue<long> queue;
  queue.set_capacity(1024);
  auto get = [&] {
    long item = 0;
    queue.pop(item);
    return item;
  };
  bench::through_threads(row, n, pairs, [&](long item) { queue.push(item); }, get);
}

void tq_spsc(long n) { through_queue("tq_spsc", n, 1); }
void tq_mpmc(long n) { through_queue("tq_mpmc", n, 4); }

}  // namespace

int main(int argc, char** argv) {
  static constexpr bench::Row table[] = {
      {"exec_rt", 20'000, exec_rt},    {"exec_tp0", 1'000'000, exec_tp0},
      {"exec_tp1", 500'000, exec_tp1}, {"exec_tp10", 100'000, exec_tp10},
      {"tq_spsc", 3'000'000, tq_spsc}, {"tq_mpmc", 1'000'000, tq_mpmc},
  };
  return bench::main(argc, argv, table);
}
