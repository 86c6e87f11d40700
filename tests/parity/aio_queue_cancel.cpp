#include <heddle/asyncio.h>

#include <algorithm>

#include "outcome.h"

namespace asyncio = heddle::asyncio;
using asyncio::Coro;
using asyncio::create_task;
using asyncio::sleep;
using asyncio::wait;
using std::vector;
using Text = std::string;
using namespace std::chrono_literals;

static Coro<void> getters() {
  asyncio::Queue<Text> q;
  auto a = create_task(q.get());
  auto b = create_task(q.get());
  auto c = create_task(q.get());
  co_await sleep(0s);
  q.put_nowait("item");
  a.cancel();
  co_await wait(parity::list(a, b));
  print(end(a), end(b), end(c), q.qsize());
  q.put_nowait("more");
  Text more = co_await c;
  print(more);

  a = create_task(q.get());
  co_await sleep(0s);
  q.put_nowait("stays");
  a.cancel();
  co_await wait(parity::list(a));
  auto size = q.qsize();
  print(end(a), size, q.get_nowait());

  asyncio::Queue<int> numbers;
  vector<asyncio::Task<int>> ts;
  for (int i = 0; i < 3; ++i) ts.push_back(create_task(numbers.get()));
  co_await sleep(0s);
  ts[1].cancel();
  numbers.put_nowait(1);
  numbers.put_nowait(2);
  co_await wait(ts);
  print(parity::ends(ts));
}

static Coro<void> putters() {
  asyncio::Queue<Text> q(1);
  q.put_nowait("full");
  vector<asyncio::Task<void>> ps;
  for (const char* i : {"0", "1", "2"}) ps.push_back(create_task(q.put(i)));
  co_await sleep(0s);
  print(q.full(), parity::ends(ps));
  print(q.get_nowait());
  ps[0].cancel();
  co_await wait(parity::list(ps[0], ps[1]));
  auto ends = parity::ends(ps);
  Text first = q.get_nowait();
  Text second = co_await q.get();
  print(ends, first, second);
  co_await ps[2];
  print(q.empty());

  q.put_nowait("0");
  ps = {create_task(q.put("1")), create_task(q.put("2"))};
  co_await sleep(0s);
  ps[0].cancel();
  co_await sleep(0s);
  first = q.get_nowait();
  second = co_await q.get();
  print(first, second, parity::ends(ps));

  try {
    co_await asyncio::wait_for(q.get(), 10ms);
  } catch (const heddle::TimeoutError&) {
    print("TimeoutError");
  }
  q.put_nowait("x");
  try {
    co_await asyncio::wait_for(q.put("y"), 10ms);
  } catch (const heddle::TimeoutError&) {
    auto size = q.qsize();
    print("TimeoutError", size, q.get_nowait());
  }
}

using Item = std::pair<int, int>;

static Coro<void> producer(asyncio::Queue<Item>& q, vector<Item>& put, int k) {
  for (int i = 0; i < 10; ++i) {
    Item item(k, i);
    co_await q.put(item);
    put.push_back(item);
  }
}
static Coro<void> consumer(asyncio::Queue<Item>& q, vector<Item>& got) {
  while (true) {
    got.push_back(co_await q.get());
    co_await sleep(0s);
  }
}

static Coro<void> many() {
  asyncio::Queue<Item> q(2);
  vector<Item> got;
  vector<Item> put;
  vector<asyncio::Task<void>> ps;
  vector<asyncio::Task<void>> cs;
  for (int k = 0; k < 3; ++k) ps.push_back(create_task(producer(q, put, k)));
  for (int k = 0; k < 3; ++k) cs.push_back(create_task(consumer(q, got)));
  for (int n = 0; n < 12; ++n) {
    co_await sleep(0s);
    if (n == 5) ps[2].cancel();
    if (n == 10) cs[1].cancel();
  }
  co_await wait(ps);
  co_await sleep(10ms);
  while (!q.empty()) got.push_back(q.get_nowait());
  std::sort(got.begin(), got.end());
  std::sort(put.begin(), put.end());
  auto cancelled = [](const auto& tasks) {
    return std::count_if(tasks.begin(), tasks.end(), [](auto& t) { return end(t) == "cancelled"; });
  };
  print(got == put, cancelled(ps), cancelled(cs));
  for (auto& c : cs) c.cancel();
  co_await wait(cs);
}

static Coro<void> joins() {
  asyncio::Queue<int> q;
  auto j = create_task(q.join());
  co_await j;
  print("nothing to join");
  for (int i = 0; i < 2; ++i) q.put_nowait(i);
  j = create_task(q.join());
  auto k = create_task(q.join());
  co_await sleep(0s);
  q.get_nowait();
  q.task_done();
  q.get_nowait();
  co_await sleep(10ms);
  print(q.empty(), end(j));
  k.cancel();
  co_await wait(parity::list(k));
  print(end(k));
  q.task_done();
  co_await j;
  print(end(j));
  try {
    q.task_done();
  } catch (const heddle::ValueError& e) {
    Text text = e.what();
    print(text.substr(0, text.find(':')));
  }
}

static Coro<void> orders() {
  asyncio::LifoQueue<int> l;
  for (int i : {1, 2, 3}) co_await l.put(i);
  vector<int> out;
  for (int i = 0; i < 3; ++i) out.push_back(co_await l.get());
  print(out);
  using Job = std::tuple<int, Text>;
  asyncio::PriorityQueue<Job> p(2);
  Job b(2, "b");
  Job c(1, "c");
  Job a(0, "a");
  co_await p.put(b);
  co_await p.put(c);
  auto t = create_task(p.put(a));
  co_await sleep(0s);
  bool full = p.full();
  Job first = co_await p.get();
  print(full, first);
  co_await t;
  Job second = co_await p.get();
  Job third = co_await p.get();
  print(second, third);
}

static Coro<void> async_main() {
  co_await getters();
  co_await putters();
  co_await many();
  co_await joins();
  co_await orders();
}

int main() { asyncio::run(async_main()); }
