// What happens at the end of a program: non-daemon threads are joined before atexit handlers and
// static destructors run, threads that they start too; daemon threads are cut off.
#include <heddle/threading.h>

#include <cstdio>
#include <cstdlib>
#include <thread>

namespace threading = heddle::threading;
using namespace std::chrono_literals;

static void say(const char* text) {
  std::puts(text);
  std::fflush(stdout);
}

struct Static {
  ~Static() { say("static destructor"); }
};

static Static early;

static void grandchild() {
  std::this_thread::sleep_for(50ms);
  say("thread started during exit ended");
}

static void worker() {
  std::this_thread::sleep_for(50ms);
  std::printf("worker ended, main alive: %d\n", threading::main_thread().is_alive());
  threading::Thread(grandchild).start();
}

static void cut_off() {
  static Static* never = new Static;
  static_cast<void>(never);
  while (true) std::this_thread::sleep_for(1ms);
}

int main() {
  static Static late;
  std::atexit([] { say("atexit"); });
  threading::Thread(threading::ThreadOptions().daemon(true), cut_off).start();
  threading::Thread(threading::ThreadOptions().daemon(true), [] {
    threading::main_thread().join();
  }).start();
  threading::Thread(worker).start();
  say("main ends");
}
