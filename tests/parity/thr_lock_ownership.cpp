#include <heddle/threading.h>

#include "seed/print.h"

namespace threading = heddle::threading;
using namespace std::chrono_literals;

static std::string words(const std::exception& error) {
  std::string text = error.what();
  return text.substr(0, text.find(": "));
}

// What fn() gives on another thread, as Python prints it.
template <class F>
static std::string other(F fn) {
  std::string out;
  threading::Thread t([&] {
    try {
      if constexpr (std::is_void_v<decltype(fn())>) {
        fn();
        out = "None";
      } else {
        out = parity::str(fn());
      }
    } catch (const heddle::RuntimeError& e) {
      out = "RuntimeError: " + words(e);
    }
  });
  t.start();
  t.join();
  return out;
}

template <class F>
static void bad(F fn) {
  try {
    fn();
  } catch (const heddle::RuntimeError& e) {
    print("RuntimeError:", words(e));
  }
}

template <class F>
static void value_error(F fn, const char* arguments) {
  try {
    fn();
  } catch (const heddle::ValueError&) {
    print("ValueError", arguments);
  }
}

int main() {
  threading::Lock lock;
  threading::RLock rlock;
  bool first = lock.acquire(), second = lock.acquire(false), third = lock.acquire(50ms);
  print(first, second, third);
  std::string released = other([&] { lock.release(); });
  print("Lock released elsewhere:", released, lock.locked());
  first = rlock.acquire();
  second = rlock.acquire();
  print(first, second, other([&] { return rlock.acquire(false); }));
  print("RLock released elsewhere:", other([&] { rlock.release(); }));
  rlock.release();
  rlock.release();
  print("free again:", other([&] {
          bool taken = rlock.acquire(false);
          rlock.release();
          return taken;
        }));
  bad([&] { lock.release(); });
  bad([&] { rlock.release(); });
  value_error([&] { lock.acquire(false, 1s); }, "{'blocking': False, 'timeout': 1}");
  value_error([&] { lock.acquire(true, -5s); }, "{'timeout': -5}");
}
