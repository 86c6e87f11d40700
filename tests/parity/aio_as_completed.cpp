#include <heddle/asyncio.h>

#include "outcome.h"

namespace asyncio = heddle::asyncio;
using asyncio::Coro;
using namespace std::chrono_literals;

template <class T>
static Coro<T> work(heddle::Delay t, T r) {
  co_await asyncio::sleep(t);
  co_return r;
}

template <class E>
static Coro<std::string> err(heddle::Delay t, E e) {
  co_await asyncio::sleep(t);
  throw e;
}

template <class... Ts>
static auto list(Ts... each) {
  std::vector<std::common_type_t<Ts...>> all;
  (all.push_back(std::move(each)), ...);
  return all;
}

static Coro<void> consume(std::vector<asyncio::Task<int>> ks) {
  auto arriving = asyncio::as_completed(ks);
  for (auto c : arriving) co_await c;
}

static Coro<void> outcomes() {
  std::string c = "c";
  std::string a = "a";
  std::string b = "b";
  auto arriving = asyncio::as_completed(list(work(60ms, c), work(20ms, a), work(40ms, b)));
  std::vector<std::string> out;
  for (auto next : arriving) out.push_back(co_await next);
  print(out);

  auto t = asyncio::create_task(work(30ms, std::string("twice")));
  auto same = asyncio::as_completed(std::vector{t, t, t});
  int count = 0;
  for (auto next : same) {
    co_await next;
    ++count;
  }
  print(count);

  auto mixed =
      asyncio::as_completed(list(err(10ms, heddle::ValueError("v")), work(30ms, std::string("ok")),
                                 err(20ms, heddle::KeyError("k"))));
  for (auto next : mixed) {
    try {
      std::string result = co_await next;
      print(result);
    } catch (const std::exception&) {
      print(std::current_exception());
    }
  }
}

static Coro<void> timeout_and_cancellation() {
  auto slow = asyncio::create_task(work(200ms, std::string("slow")));
  auto quick = asyncio::create_task(work(10ms, std::string("quick")));
  auto late = asyncio::create_task(work(150ms, std::string("late")));
  std::vector<std::string> out;
  auto bounded = asyncio::as_completed(std::vector{slow, quick, late}, 50ms);
  for (auto next : bounded) {
    try {
      out.push_back(co_await next);
    } catch (const heddle::TimeoutError&) {
      out.push_back("TimeoutError");
    }
  }
  print(out, end(slow));
  std::string result = co_await slow;
  print(result);

  auto k = asyncio::create_task(work(5s, std::string("k")));
  asyncio::get_running_loop().call_later(10ms, [k]() mutable { k.cancel(); });
  auto sibling = asyncio::create_task(work(30ms, std::string("sibling")));
  auto two = asyncio::as_completed(std::vector{k, sibling});
  for (auto next : two) {
    try {
      result = co_await next;
      print(result);
    } catch (const heddle::CancelledError&) {
      print("CancelledError", asyncio::current_task().cancelling());
    }
  }

  std::vector<asyncio::Task<int>> ks;
  for (int i = 0; i < 2; ++i) ks.push_back(asyncio::create_task(work(50ms, i)));
  auto t = asyncio::create_task(consume(ks));
  co_await asyncio::sleep(10ms);
  t.cancel();
  co_await asyncio::wait(parity::list(t));
  print(end(t), parity::ends(ks));
  co_await asyncio::wait(ks);
  print(parity::ends(ks));
}

static Coro<void> async_main() {
  co_await outcomes();
  co_await timeout_and_cancellation();

  std::vector<Coro<int>> none;
  std::vector<int> nothing;
  auto empty = asyncio::as_completed(std::move(none));
  for (auto next : empty) nothing.push_back(co_await next);
  print(nothing);

  std::vector<asyncio::Task<int>> ks;
  for (int i = 0; i < 3; ++i) ks.push_back(asyncio::create_task(work(10ms * (i + 1), i)));
  auto some = asyncio::as_completed(ks);
  for (auto next : some) {
    int first = co_await next;
    print("first", first);
    break;
  }
  std::vector<int> all = co_await asyncio::gather(std::move(ks));
  print(all);

  auto pair = asyncio::as_completed(
      list(work(20ms, std::string("second")), work(10ms, std::string("first"))));
  std::vector<Coro<std::string>> cs;
  for (auto next : pair) cs.push_back(std::move(next));
  std::string second = co_await cs[1];
  std::string first = co_await cs[0];
  print(second, first);
}

int main() { asyncio::run(async_main()); }
