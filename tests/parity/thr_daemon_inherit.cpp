#include <heddle/threading.h>

#include "seed/print.h"

namespace threading = heddle::threading;
using threading::ThreadOptions;

static std::string seen;

static void child(std::string tag) {
  seen +=
      (seen.empty() ? "" : ", ") + tag + ": " + parity::str(threading::current_thread().daemon());
}

static void parent(std::string tag) {
  threading::Thread t(child, tag);
  t.start();
  t.join();
}

int main() {
  for (bool flag : {false, true}) {
    threading::Thread t(ThreadOptions().daemon(flag), parent, parity::str(flag));
    t.start();
    t.join();
  }
  print("{" + seen + "}", threading::main_thread().daemon());
  threading::Thread t(child, "'x'");
  t.set_daemon(true);
  t.start();
  t.join();
  try {
    t.set_daemon(false);
  } catch (const heddle::RuntimeError& e) {
    std::string text = e.what();
    print("RuntimeError:", text.substr(0, text.find(": ")));
  }
}
