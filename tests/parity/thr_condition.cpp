#include <heddle/threading.h>

#include <thread>

#include "seed/print.h"

namespace threading = heddle::threading;
using namespace std::chrono_literals;

// Python's words of an error, without what heddle adds.
static std::string words(const std::exception& error) {
  std::string text = error.what();
  return text.substr(0, text.find(": "));
}

int main() {
  threading::Condition cv;
  std::vector<int> items;
  try {
    cv.notify();
  } catch (const heddle::RuntimeError& e) {
    print("RuntimeError:", words(e));
  }
  try {
    cv.wait();
  } catch (const heddle::RuntimeError& e) {
    print("RuntimeError:", words(e));
  }
  {
    threading::LockGuard held(cv);
    bool woken = cv.wait(50ms);
    print("timed out:", woken, cv.wait_for([&] { return items.size(); }, 50ms));
  }
  threading::Thread([&] {
    for (int i = 0; i < 3; ++i) {
      std::this_thread::sleep_for(100ms);
      threading::LockGuard held(cv);
      items.push_back(i);
      cv.notify_all();
    }
  }).start();
  threading::LockGuard held(cv);
  const char* value = cv.wait_for([&] { return items.size() == 3 ? "ready" : nullptr; });
  print("predicate value:", value, items);
}
