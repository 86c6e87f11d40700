// # Seed claim: threads share variables, each process has its own copy.
// import multiprocessing, threading
// counter = [0]
//
// def bump():
//     counter[0] += 1
//
// if __name__ == "__main__":
//     t = threading.Thread(target=bump)
//     t.start(); t.join()
//     print("after thread:", counter[0])
//     p = multiprocessing.Process(target=bump)
//     p.start(); p.join()
//     print("after process:", counter[0], "exitcode:", p.exitcode)

#include <heddle/multiprocessing.h>
#include <heddle/threading.h>

#include "print.h"

namespace multiprocessing = heddle::multiprocessing;
namespace threading = heddle::threading;

static int counter = 0;

static void bump() { ++counter; }

int main(int argc, char** argv) {
  multiprocessing::init(argc, argv);
  threading::Thread t(bump);
  t.start();
  t.join();
  print("after thread:", counter);
  multiprocessing::Process p(bump);
  p.start();
  p.join();
  print("after process:", counter, "exitcode:", p.exitcode());
}
