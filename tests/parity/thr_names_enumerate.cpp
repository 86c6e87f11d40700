#include <heddle/threading.h>

#include <algorithm>

#include "seed/print.h"

namespace threading = heddle::threading;
using threading::Thread;
using threading::ThreadOptions;

static threading::Event go;

static void f() { go.wait(); }

class Sub : public Thread {
 public:
  using Thread::Thread;
  void run() override { print("run in", threading::current_thread() == *this, name()); }
};

int main() {
  std::vector<Thread> ts{Thread(ThreadOptions().target_name("f"), f),
                         Thread(ThreadOptions().name("bob"), f),
                         Thread(ThreadOptions().target_name("f").daemon(true), f)};
  std::vector<std::string> names;
  for (auto& t : ts) names.push_back(t.name());
  print(names);
  for (auto& t : ts) t.start();
  names.clear();
  for (auto& t : threading::enumerate()) names.push_back(t.name());
  std::sort(names.begin(), names.end());
  print(threading::active_count(), names);
  go.set();
  for (auto& t : ts) t.join();
  print(threading::active_count(), threading::main_thread().name());
  Sub s(ThreadOptions().name("sub"));
  s.start();
  s.join();
  Thread().start();  // no target: run() does nothing
}
