#include <heddle/queue.h>
#include <heddle/threading.h>

#include <memory>

#include "seed/print.h"

namespace queue = heddle::queue;
namespace threading = heddle::threading;
using namespace std::chrono_literals;

template <class F>
static void attempt(const char* label, F op) {
  try {
    op();
  } catch (const queue::Empty&) {
    print(label, "Empty");
  } catch (const heddle::ValueError& e) {
    print(label, "ValueError:", e);
  }
}

struct Chatty {
  queue::SimpleQueue<std::unique_ptr<Chatty>>& q;
  int depth;
  ~Chatty() {
    if (depth > 0) q.put(std::unique_ptr<Chatty>(new Chatty{q, depth - 1}));
  }
};

static void put_by_destructors() {
  queue::SimpleQueue<std::unique_ptr<Chatty>> q;
  q.put(std::unique_ptr<Chatty>(new Chatty{q, 3}));
  std::vector<int> depths;
  for (int i = 0; i < 4; ++i) depths.push_back(q.get()->depth);
  print("put by destructors:", depths, q.empty());
}

static void pass_to_threads() {
  queue::SimpleQueue<int> q;
  threading::Lock lock;
  int sum = 0, count = 0;
  std::vector<threading::Thread> threads;
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([&] {
      while (int item = q.get()) {
        lock.acquire();
        sum += item;
        ++count;
        lock.release();
      }
    });
    threads.back().start();
  }
  for (int x = 1; x <= 100; ++x) q.put(x);
  for (int i = 0; i < 2; ++i) q.put(0);
  for (auto& thread : threads) thread.join();
  print(sum, count, q.qsize());
}

int main() {
  queue::SimpleQueue<std::string> q;
  print(q.empty(), q.qsize());
  for (const char* x : {"a", "b", "c"}) q.put(x);
  q.put_nowait("d");
  std::size_t size = q.qsize();
  std::vector<std::string> items;
  for (int i = 0; i < 4; ++i) items.push_back(q.get());
  print(size, items, q.empty());
  attempt("get_nowait", [&] { q.get_nowait(); });
  attempt("get(False)", [&] { q.get(false); });
  attempt("get(False, -1)", [&] { q.get(false, -1s); });
  attempt("get timeout", [&] { q.get(20ms); });
  attempt("get(timeout=0)", [&] { q.get(0s); });
  attempt("negative", [&] { q.get(-1s); });
  put_by_destructors();
  pass_to_threads();
}
