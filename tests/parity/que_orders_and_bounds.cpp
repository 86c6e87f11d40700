#include <heddle/queue.h>

#include "seed/print.h"

namespace queue = heddle::queue;
using namespace std::chrono_literals;

template <class Queue>
static void order(const char* name) {
  Queue q;
  for (int x : {3, 1, 2}) q.put(x);
  std::vector<int> items;
  for (std::size_t n = q.qsize(); n > 0; --n) items.push_back(q.get());
  print(name, items, q.empty());
}

template <class F>
static void attempt(const char* label, F op) {
  try {
    op();
  } catch (const queue::Full&) {
    print(label, "Full");
  } catch (const queue::Empty&) {
    print(label, "Empty");
  } catch (const heddle::ValueError& e) {
    print(label, "ValueError:", e);
  }
}

int main() {
  order<queue::Queue<int>>("Queue");
  order<queue::LifoQueue<int>>("LifoQueue");
  order<queue::PriorityQueue<int>>("PriorityQueue");
  order<queue::SimpleQueue<int>>("SimpleQueue");
  queue::Queue<std::string> q(1);
  q.put("a");
  print(q.full(), q.qsize());
  attempt("put_nowait", [&] { q.put_nowait("b"); });
  attempt("put timeout", [&] { q.put("b", 50ms); });
  print(q.get());
  attempt("get_nowait", [&] { q.get_nowait(); });
  attempt("get timeout", [&] { q.get(50ms); });
  attempt("negative", [&] { q.get(-1s); });
  print(queue::Queue<int>(-1).full(), queue::Queue<int>(0).full());
}
