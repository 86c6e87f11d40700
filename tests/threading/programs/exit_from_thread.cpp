// exit() called by a thread: the other non-daemon threads are joined, the program ends with the
// code.
#include <heddle/threading.h>

#include <cstdio>
#include <cstdlib>
#include <thread>

namespace threading = heddle::threading;
using namespace std::chrono_literals;

int main() {
  threading::Thread other([] {
    std::this_thread::sleep_for(50ms);
    std::puts("other ended");
    std::fflush(stdout);
  });
  threading::Thread leaver([] { std::exit(0); });
  other.start();
  leaver.start();
  leaver.join();
}
