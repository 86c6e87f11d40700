#include <heddle/queue.h>
#include <heddle/threading.h>

#include "seed/print.h"

namespace queue = heddle::queue;
namespace threading = heddle::threading;
using namespace std::chrono_literals;

template <class F>
static void attempt(const char* label, F op) {
  try {
    print(label, op());
  } catch (const queue::ShutDown&) {
    print(label, "ShutDown");
  } catch (const queue::Full&) {
    print(label, "Full");
  } catch (const queue::Empty&) {
    print(label, "Empty");
  } catch (const heddle::ValueError&) {
    print(label, "ValueError");
  }
}

static std::optional<int> none(auto op) {
  op();
  return std::nullopt;
}

template <class Queue>
static void refuse(const char* name) {
  Queue q(3);
  for (int x : {2, 1}) q.put(x);
  print(name, q.is_shutdown());
  q.shutdown();
  attempt("put", [&] { return none([&] { q.put(3); }); });
  attempt("put_nowait", [&] { return none([&] { q.put_nowait(3); }); });
  attempt("put negative", [&] { return none([&] { q.put(3, -1s); }); });
  attempt("get", [&] { return q.get(); });
  attempt("get_nowait", [&] { return q.get_nowait(); });
  attempt("get", [&] { return q.get(); });
  attempt("get_nowait", [&] { return q.get_nowait(); });
  attempt("get negative", [&] { return q.get(-1s); });
  print(q.is_shutdown(), q.qsize(), q.unfinished_tasks());
}

static void end_a_wait(bool immediate) {
  queue::Queue<std::string> q(1);
  q.put("inside");
  std::vector<std::string> log;
  threading::Thread t([&] {
    try {
      q.put("late");
    } catch (const queue::ShutDown&) {
      log.push_back("putter ShutDown");
    }
  });
  t.start();
  t.join(20ms);
  q.shutdown(immediate);
  t.join();
  print("immediate", immediate, log, q.qsize(), q.unfinished_tasks());
  attempt("get", [&] { return q.get(); });
}

static void drop() {
  queue::Queue<int> q;
  q.put(1);
  q.put(2);
  q.get();
  q.shutdown(true);
  print("one handed out:", q.unfinished_tasks());
  threading::Thread t([&] { q.join(); });
  t.start();
  t.join(20ms);
  print("joined:", !t.is_alive());
  q.task_done();
  t.join();
  print("joined:", !t.is_alive(), q.unfinished_tasks());
}

int main() {
  refuse<queue::Queue<int>>("Queue");
  refuse<queue::LifoQueue<int>>("LifoQueue");
  refuse<queue::PriorityQueue<int>>("PriorityQueue");
  end_a_wait(false);
  end_a_wait(true);
  drop();
  queue::Queue<int> q;
  q.put(1);
  q.put(2);
  q.shutdown();
  print(q.get());
  q.shutdown(true);
  attempt("after the drop", [&] { return q.get(); });
  q.shutdown();
  print(q.is_shutdown(), q.unfinished_tasks());
}
