#include <heddle/futures.h>
#include <heddle/multiprocessing.h>
#include <unistd.h>

#include "seed/print.h"

namespace futures = heddle::futures;

static double divide(double a, double b) {
  if (b == 0) throw heddle::ZeroDivisionError("division by zero");
  return a / b;
}
static double half(int a) { return divide(a, 2); }
// A function of the program: those of shared libraries cannot be sent.
static int worker_pid() { return ::getpid(); }
static void die() { _exit(3); }

int main(int argc, char** argv) {
  heddle::multiprocessing::init(argc, argv);
  {
    futures::ProcessPoolExecutor ex(2);
    print(ex.submit(worker_pid).result() != ::getpid());
    std::vector<double> halves;
    for (double value : ex.map(half, std::vector{0, 1, 2, 3, 4, 5}, {.chunksize = 3}))
      halves.push_back(value);
    print(halves);
    try {
      ex.submit(divide, 1.0, 0.0).result();
    } catch (const heddle::ZeroDivisionError& e) {
      print("ZeroDivisionError:", e,
            "| has remote cause:", dynamic_cast<const std::nested_exception*>(&e) != nullptr);
    }
    // A lambda with captures does not compile here; a job that was not made for sending fails
    // through its future.
    futures::Executor& any = ex;
    try {
      any.submit([] { return 1; }).result();
    } catch (const std::exception&) {
      print("unpicklable callable fails through the future:", true);
    }
  }
  futures::ProcessPoolExecutor ex(1, {.strict = true});
  try {
    ex.submit(die).result();
  } catch (const futures::BrokenProcessPool&) {
    print("BrokenProcessPool");
  }
  try {
    ex.submit(divide, 1.0, 1.0);
  } catch (const futures::BrokenProcessPool&) {
    print("pool stays broken");
  }
}
