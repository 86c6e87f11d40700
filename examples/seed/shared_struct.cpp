// # Seed program 1b: a plain object is shared, so the worker's changes are seen by main.
// import threading, time
//
// class struct:
//     def __init__(self):
//         self.number = 0
//
// mydata = struct()
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

#include <optional>
#include <thread>

#include "print.h"

namespace threading = heddle::threading;
using namespace std::chrono_literals;

struct Struct {
  std::optional<int> number = 0;
};

static Struct mydata;

static void f() {
  for (int i = 0; i < 10; ++i) {
    if (mydata.number) {
      ++*mydata.number;
    } else {
      print("no number");
      mydata.number = 11;
    }
    print(mydata.number);
    std::this_thread::sleep_for(50ms);
  }
}

int main() {
  mydata.number = 10;
  print(mydata.number);
  threading::Thread thread(f);
  thread.start();
  thread.join();
  print(mydata.number);
}
