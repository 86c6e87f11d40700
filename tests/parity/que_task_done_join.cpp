#include <heddle/queue.h>
#include <heddle/threading.h>

#include <algorithm>

#include "seed/print.h"

namespace queue = heddle::queue;
namespace threading = heddle::threading;
using namespace std::chrono_literals;

static void pass_through_workers(queue::Queue<std::optional<std::string>>& q) {
  threading::Lock lock;
  std::vector<std::string> results;
  std::vector<threading::Thread> workers;
  for (int i = 0; i < 3; ++i) {
    workers.emplace_back([&] {
      while (auto item = q.get()) {
        lock.acquire();
        results.push_back(*item);
        lock.release();
        q.task_done();
      }
      q.task_done();
    });
    workers.back().start();
  }
  for (const char* x : {"a", "b", "c", "d", "e"}) q.put(x);
  q.join();
  std::sort(results.begin(), results.end());
  print(results, q.qsize());
  for (int i = 0; i < 3; ++i) q.put(std::nullopt);
  for (auto& worker : workers) worker.join();
}

int main() {
  queue::Queue<int> q;
  q.join();
  print("joined an empty queue", q.unfinished_tasks());
  for (int x : {0, 1, 2}) q.put(x);
  threading::Thread t([&] { q.join(); });
  t.start();
  std::vector<int> items{q.get(), q.get(), q.get()};
  print(items, q.empty(), q.unfinished_tasks());
  t.join(50ms);
  print("joined while empty:", !t.is_alive());
  q.task_done();
  q.task_done();
  print("two of three done:", !t.is_alive(), q.unfinished_tasks());
  q.task_done();
  t.join();
  print("all done:", !t.is_alive(), q.unfinished_tasks());
  try {
    q.task_done();
  } catch (const heddle::ValueError& e) {
    // What to do comes after Python's words.
    print("ValueError:", std::string(e.what()).substr(0, std::string(e.what()).find(": ")));
  }
  queue::Queue<std::optional<std::string>> strings;
  strings.put("again");
  print("unfinished again:", strings.unfinished_tasks());
  pass_through_workers(strings);
  strings.join();
  print("end", strings.unfinished_tasks());
}
