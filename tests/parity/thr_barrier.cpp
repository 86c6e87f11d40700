#include <heddle/threading.h>

#include <algorithm>

#include "seed/print.h"

namespace threading = heddle::threading;
using namespace std::chrono_literals;

template <class F>
static void attempt(const char* label, F fn) {
  try {
    print(label, fn());
  } catch (const threading::BrokenBarrierError&) {
    print(label, "BrokenBarrierError");
  } catch (const heddle::ValueError& e) {
    print(label, "ValueError", e.what());
  }
}

static std::vector<std::string> seen;

template <class F>
static void with_waiter(threading::Barrier& b, F fn) {
  threading::Thread t([&] {
    try {
      seen.push_back(parity::str(b.wait()));
    } catch (const threading::BrokenBarrierError&) {
      seen.push_back("BrokenBarrierError");
    }
  });
  t.start();
  while (b.n_waiting() != 1) {
  }
  fn();
  t.join();
}

int main() {
  std::vector<std::size_t> acted;
  threading::Barrier b(3, [&] { acted.push_back(acted.size()); });
  std::vector<std::ptrdiff_t> got;
  threading::Lock lock;
  std::vector<threading::Thread> ts;
  for (int i = 0; i < 3; ++i) {
    ts.emplace_back([&] {
      for (int n = 0; n < 2; ++n) {
        std::ptrdiff_t index = b.wait();
        threading::LockGuard held(lock);
        got.push_back(index);
      }
    });
  }
  for (auto& t : ts) t.start();
  for (auto& t : ts) t.join();
  std::sort(got.begin(), got.end());
  print(got, acted, b.parties(), b.n_waiting(), b.broken());

  attempt("timeout:", [&] { return b.wait(50ms); });
  print("broken:", b.broken(), b.n_waiting());
  attempt("wait on a broken one:", [&] { return b.wait(); });
  b.reset();
  print("after reset:", b.broken());

  with_waiter(b, [&] { b.reset(); });
  print("reset with a waiter:", seen, b.broken());
  with_waiter(b, [&] { b.abort(); });
  print("abort with a waiter:", seen, b.broken());

  threading::Barrier bad(1, [] { throw heddle::ValueError("in the action"); });
  attempt("action fails:", [&] { return bad.wait(); });
  print("broken:", bad.broken());
  print("alone:", threading::Barrier(1).wait());
}
