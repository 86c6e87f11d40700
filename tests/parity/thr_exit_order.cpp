#include <heddle/futures/thread_pool_executor.h>
#include <heddle/threading.h>

#include <cstdlib>
#include <thread>

#include "seed/print.h"

namespace threading = heddle::threading;
using namespace std::chrono_literals;

static threading::Event gate;

static void job(int n) {
  gate.wait();
  print("job", n, "main alive:", threading::main_thread().is_alive());
}

// Is finished by the end of the program, as Python's that nobody shuts down.
static heddle::futures::ThreadPoolExecutor& pool() {
  static auto* one = new heddle::futures::ThreadPoolExecutor(1);
  return *one;
}

static void late() {
  std::this_thread::sleep_for(50ms);
  print("thread started during exit ended");
}

static void worker() {
  threading::main_thread().join();
  print("worker, main alive:", threading::main_thread().is_alive());
  try {
    pool().submit(job, 9);
  } catch (const heddle::RuntimeError&) {
    print("RuntimeError");
  }
  threading::Thread(late).start();
}

struct Finally {
  ~Finally() { print("never printed"); }
};

static void cut_off() {
  Finally finally;
  std::this_thread::sleep_for(30s);
}

int main() {
  std::atexit([] { print("atexit first registered"); });
  std::atexit([] { print("atexit last registered"); });
  for (int n = 0; n < 3; ++n) pool().submit(job, n);
  threading::Thread(threading::ThreadOptions().daemon(true), cut_off).start();
  threading::Thread(worker).start();
  print("main ends");
  gate.set();
}
