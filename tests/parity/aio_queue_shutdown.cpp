#include <heddle/asyncio.h>

#include <algorithm>

#include "outcome.h"

namespace asyncio = heddle::asyncio;
using asyncio::Coro;
using asyncio::create_task;
using asyncio::Queue;
using asyncio::QueueShutDown;
using asyncio::sleep;
using asyncio::wait;
using std::vector;
using namespace std::chrono_literals;

// How it ended, an exception by its name.
template <class T>
static std::string ended(const asyncio::Task<T>& t) {
  std::string text = end(t);
  return t.done() && !t.cancelled() && t.exception() ? text.substr(text.rfind(':') + 1, 13) : text;
}
template <class T>
static vector<std::string> all_ended(const vector<asyncio::Task<T>>& ts) {
  vector<std::string> all;
  for (const auto& t : ts) all.push_back(ended(t));
  return all;
}

static Coro<void> normal() {
  Queue<int> q(2);
  for (int i = 0; i < 2; ++i) q.put_nowait(i);
  auto p = create_task(q.put(9));
  auto j = create_task(q.join());
  co_await sleep(0s);
  q.shutdown();
  co_await sleep(0s);
  print(ended(p), ended(j), q.qsize());
  try {
    q.put_nowait(1);
  } catch (const QueueShutDown&) {
    print("QueueShutDown");
  }
  try {
    co_await q.put(1);
  } catch (const QueueShutDown&) {
    print("QueueShutDown");
  }
  int first = co_await q.get();
  print(first, q.get_nowait());
  q.task_done();
  q.task_done();
  co_await j;
  print(ended(j));
  try {
    co_await q.get();
  } catch (const QueueShutDown&) {
    print("QueueShutDown", q.empty());
  }
  try {
    q.get_nowait();
  } catch (const QueueShutDown&) {
    print("QueueShutDown", q.empty());
  }
  q.shutdown();
  q.shutdown(true);
  print("again");
}

static Coro<void> getters_and_joiners() {
  Queue<std::string> texts;
  vector<asyncio::Task<std::string>> gs;
  for (int i = 0; i < 3; ++i) gs.push_back(create_task(texts.get()));
  co_await sleep(0s);
  texts.put_nowait("last");
  texts.shutdown();
  co_await wait(gs);
  print(all_ended(gs));

  Queue<int> q;
  for (int i = 0; i < 3; ++i) q.put_nowait(i);
  q.get_nowait();
  auto j = create_task(q.join());
  co_await sleep(0s);
  q.shutdown(true);
  co_await sleep(10ms);
  print(ended(j), q.qsize(), q.empty());
  q.task_done();
  co_await sleep(10ms);
  print(ended(j));

  Queue<int> both;
  both.put_nowait(1);
  j = create_task(both.join());
  co_await sleep(0s);
  both.shutdown();
  co_await sleep(0s);
  print(ended(j));
  both.shutdown(true);
  co_await sleep(10ms);
  print(ended(j), both.qsize());
}

static Coro<std::string> worker(Queue<int>& q, vector<int>& got) {
  while (auto item = co_await q.next()) {
    got.push_back(*item);
    q.task_done();
  }
  co_return "worker ends";
}

static Coro<void> async_main() {
  co_await normal();
  co_await getters_and_joiners();

  Queue<int> q;
  vector<int> got;
  auto w1 = create_task(worker(q, got));
  auto w2 = create_task(worker(q, got));
  for (int i = 0; i < 5; ++i) co_await q.put(i);
  q.shutdown();
  co_await q.join();
  std::sort(got.begin(), got.end());
  auto [one, two] = co_await asyncio::gather(w1, w2);
  print(got, vector{one, two});

  Queue<int> empty;
  auto g = create_task(empty.get());
  co_await sleep(0s);
  empty.shutdown();
  g.cancel();
  co_await wait(parity::list(g));
  print(ended(g));
  asyncio::PriorityQueue<int> p;
  p.put_nowait(2);
  p.put_nowait(1);
  p.shutdown();
  int first = co_await p.get();
  int second = co_await p.get();
  print(first, second);
}

int main() { asyncio::run(async_main()); }
