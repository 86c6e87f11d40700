#include <heddle/threading.h>

#include <thread>

#include "seed/print.h"

namespace threading = heddle::threading;
using namespace std::chrono_literals;

template <class Semaphore>
static void release(Semaphore& semaphore, int n) {
  try {
    semaphore.release(n);
  } catch (const heddle::ValueError& e) {
    print("ValueError:", e.what());
  }
}

int main() {
  threading::Semaphore s(2);
  bool a = s.acquire(), b = s.acquire(), c = s.acquire(false), d = s.acquire(50ms);
  print(a, b, c, d);
  s.release(2);
  a = s.acquire(false), b = s.acquire(false), c = s.acquire(false);
  print(a, b, c);
  threading::BoundedSemaphore bounded(1);
  release(bounded, 1);
  release(s, 0);
  threading::Event e;
  a = e.is_set(), b = e.wait(50ms);
  print(a, b);
  e.set();
  a = e.wait(), b = e.is_set();
  print(a, b);
  e.clear();
  print(e.is_set());
  std::vector<std::string> fired;
  auto append = [&](std::string text) { fired.push_back(std::move(text)); };
  threading::Timer t1(100ms, append, "one"), t2(100ms, append, "two");
  t1.start();
  t2.start();
  t2.cancel();
  t1.join();
  t2.join();
  std::this_thread::sleep_for(50ms);
  print(fired, std::is_base_of_v<threading::Thread, decltype(t1)>);
}
