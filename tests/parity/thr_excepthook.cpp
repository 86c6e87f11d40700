#include <heddle/threading.h>

#include "seed/print.h"

namespace threading = heddle::threading;
using threading::Thread;
using threading::ThreadOptions;

static std::vector<std::string> seen;

template <class F>
static void run(const char* name, F fn) {
  Thread t(ThreadOptions().name(name), fn);
  t.start();
  t.join();
  print(name, "alive:", t.is_alive());
}

static void fails() { throw heddle::ValueError("boom"); }
static void exits() { throw heddle::SystemExit(3); }

class Sub : public Thread {
 public:
  using Thread::Thread;
  void run() override { throw heddle::KeyError("'in run'"); }
};

int main() {
  threading::set_excepthook([](const threading::ExceptHookArgs& args) {
    std::string text = heddle::describe(args.exception);
    std::size_t colon = text.find(": ");
    seen.push_back(args.thread.name() + " " + text.substr(0, colon) + " " + text.substr(colon + 2));
  });
  run("a", fails);
  run("b", exits);
  run("c", [] {});
  for (const auto& s : seen) print(s);
  Sub s(ThreadOptions().name("sub"));
  s.start();
  s.join();
  print(seen.back());
  print(true);
  threading::install_excepthook(nullptr);
  run("d", exits);  // the default one says nothing about it
}
