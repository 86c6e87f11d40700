// What the standard library alone gives: a queue of a mutex and two condition variables,
// std::async.
#include <condition_variable>
#include <future>
#include <mutex>
#include <queue>

#include "../thread_queue.h"

namespace {

class Queue {
 public:
  void put(long item) {
    std::unique_lock lock(mutex_);
    room_.wait(lock, [&] { return items_.size() < 1024; });
    items_.push(item);
    lock.unlock();
    some_.notify_one();
  }
  long get() {
    std::unique_lock lock(mutex_);
    some_.wait(lock, [&] { return !items_.empty(); });
    long item = items_.front();
    items_.pop();
    lock.unlock();
    room_.notify_one();
    return item;
  }

 private:
  std::mutex mutex_;
  std::condition_variable some_;
  std::condition_variable room_;
  std::queue<long> items_;
};

void through_queue(const char* row, long n, long pairs) {
  Queue queue;
  bench::through_threads(
      row, n, pairs, [&](long item) { queue.put(item); }, [&] { return queue.get(); });
}

void tq_spsc(long n) { through_queue("tq_spsc", n, 1); }
void tq_mpmc(long n) { through_queue("tq_mpmc", n, 4); }

void exec_rt(long n) {
  bench::Stopwatch watch;
  long done = 0;
  for (long i = 0; i < n; ++i) done += std::async(std::launch::async, [] { return 1; }).get();
  watch.report("exec_rt", n);
  bench::require(done == n, "every job ran");
}

}  // namespace

int main(int argc, char** argv) {
  static constexpr bench::Row table[] = {{"exec_rt", 10'000, exec_rt},
                                         {"tq_spsc", 2'000'000, tq_spsc},
                                         {"tq_mpmc", 1'000'000, tq_mpmc}};
  return bench::main(argc, argv, table);
}
