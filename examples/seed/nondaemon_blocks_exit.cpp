// # Seed claim: a non-daemon thread keeps the process alive; atexit runs after it ends.
// import atexit, threading, time
// atexit.register(print, "atexit")
//
// def worker():
//     time.sleep(0.2)
//     print("worker done, main alive:", threading.main_thread().is_alive())
//
// threading.Thread(target=worker).start()
// print("main done")

#include <heddle/threading.h>

#include <cstdlib>
#include <thread>

#include "print.h"

namespace threading = heddle::threading;
using namespace std::chrono_literals;

static void worker() {
  std::this_thread::sleep_for(200ms);
  print("worker done, main alive:", threading::main_thread().is_alive());
}

int main() {
  std::atexit([] { print("atexit"); });
  threading::Thread(worker).start();
  print("main done");
}
