// # Seed program 1 (sleep scaled 1 s -> 0.05 s): threading.local values are per thread.
// import threading, time
// mydata = threading.local()
// mydata.number = 10
// print(mydata.number)
//
// def f():
//     for i in range(10):
//         if hasattr(mydata, "number"):
//             mydata.number += 1
//         else:
//             print("no number")
//             mydata.number = 11
//         print(mydata.number)
//         time.sleep(0.05)
//
// thread = threading.Thread(target=f)
// thread.start()
// thread.join()
// print(mydata.number)

#include <heddle/threading.h>

#include <thread>

#include "print.h"

namespace threading = heddle::threading;
using namespace std::chrono_literals;

static threading::local<int> number;

static void f() {
  for (int i = 0; i < 10; ++i) {
    if (number.has_value()) {
      ++*number;
    } else {
      print("no number");
      number = 11;
    }
    print(*number);
    std::this_thread::sleep_for(50ms);
  }
}

int main() {
  number = 10;
  print(*number);
  threading::Thread thread(f);
  thread.start();
  thread.join();
  print(*number);
}
