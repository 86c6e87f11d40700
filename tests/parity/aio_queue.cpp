#include <heddle/asyncio.h>

#include "seed/print.h"

namespace asyncio = heddle::asyncio;
using asyncio::Coro;
using namespace std::chrono_literals;

static std::vector<std::string> log_;

static Coro<void> producer(asyncio::Queue<int>& q) {
  for (int i = 0; i < 5; ++i) {
    co_await q.put(i);
    log_.push_back("put" + std::to_string(i));
  }
}

static Coro<void> consumer(asyncio::Queue<int>& q) {
  for (int i = 0; i < 5; ++i) {
    co_await asyncio::sleep(20ms);
    int item = co_await q.get();
    log_.push_back("got" + std::to_string(item));
    q.task_done();
  }
}

template <class Queue>
static void order(const char* name) {
  Queue z;
  for (int x : {2, 3, 1}) z.put_nowait(x);
  std::vector<int> items;
  for (int i = 0; i < 3; ++i) items.push_back(z.get_nowait());
  print(name, items);
}

static Coro<void> async_main() {
  asyncio::Queue<int> q(2);
  auto p = asyncio::create_task(producer(q));
  co_await asyncio::sleep(10ms);
  print("blocked when full:", log_, q.full(), q.qsize());
  auto c = asyncio::create_task(consumer(q));
  co_await q.join();
  std::vector<std::string> got;
  for (const auto& entry : log_) {
    if (entry.starts_with("got")) got.push_back(entry);
  }
  print(got, p.done(), q.empty());
  try {
    q.get_nowait();
  } catch (const asyncio::QueueEmpty&) {
    print("QueueEmpty");
  }
  try {
    q.task_done();
  } catch (const heddle::ValueError&) {
    print("ValueError");
  }
  q.put_nowait(1);
  q.put_nowait(2);
  try {
    q.put_nowait(3);
  } catch (const asyncio::QueueFull&) {
    print("QueueFull");
  }
  order<asyncio::LifoQueue<int>>("LifoQueue");
  order<asyncio::PriorityQueue<int>>("PriorityQueue");
}

int main() { asyncio::run(async_main()); }
