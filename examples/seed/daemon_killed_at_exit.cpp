// # Seed claim: a daemon thread is cut off when main exits, even though join(timeout) was called.
// import threading, time
//
// def worker():
//     print("daemon started", flush=True)
//     try:
//         time.sleep(5)
//     finally:
//         print("never printed", flush=True)
//
// t = threading.Thread(target=worker, daemon=True)
// t.start()
// t.join(0.2)
// print("main done, daemon alive:", t.is_alive(), flush=True)

#include <heddle/threading.h>

#include <thread>

#include "print.h"

namespace threading = heddle::threading;
using namespace std::chrono_literals;

struct Finally {
  ~Finally() { print("never printed"); }
};

static void worker() {
  print("daemon started");
  Finally finally;
  std::this_thread::sleep_for(5s);
}

int main() {
  threading::Thread t(threading::ThreadOptions().daemon(true), worker);
  t.start();
  t.join(200ms);
  print("main done, daemon alive:", t.is_alive());
}
