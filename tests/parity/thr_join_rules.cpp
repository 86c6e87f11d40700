#include <heddle/threading.h>

#include <thread>

#include "seed/print.h"

namespace threading = heddle::threading;
using namespace std::chrono_literals;

template <class F>
static void tryit(std::string label, F fn) {
  try {
    fn();
    print(label, std::nullopt);
  } catch (const heddle::RuntimeError& e) {
    std::string text = e.what();
    print(label, "RuntimeError:", text.substr(0, text.find(": ")));
  }
}

int main() {
  threading::Thread t(threading::ThreadOptions().name("sleeper"),
                      [] { std::this_thread::sleep_for(300ms); });
  print(t.name(), t.ident(), t.is_alive());
  tryit("join unstarted:", [&] { t.join(); });
  t.start();
  print("ident set:", t.ident().has_value(), "alive:", t.is_alive());
  tryit("start twice:", [&] { t.start(); });
  t.join(50ms);
  print("timed join:", std::nullopt, "alive:", t.is_alive());
  t.join(-1s);
  print("negative timeout returns at once:", std::nullopt, t.is_alive());
  t.join();
  print("full join:", std::nullopt, "alive:", t.is_alive());
  t.join();
  print("join again:", std::nullopt);
  tryit("join self:", [] { threading::current_thread().join(); });
  std::vector<std::string> names;
  for (const auto& thread : threading::enumerate()) names.push_back(thread.name());
  print(threading::active_count(), names);
}
