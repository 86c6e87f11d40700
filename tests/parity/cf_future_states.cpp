#include <heddle/futures.h>
#include <heddle/threading.h>

#include "seed/print.h"

namespace futures = heddle::futures;
namespace threading = heddle::threading;
using namespace std::chrono_literals;

static std::tuple<bool, bool, bool> state(const futures::Future<int>& f) {
  return {f.running(), f.cancelled(), f.done()};
}

int main() {
  threading::Event started;
  threading::Event go;
  auto job = [&] {
    started.set();
    go.wait();
    return 42;
  };
  {
    futures::ThreadPoolExecutor ex(1);
    auto a = ex.submit(job);
    auto b = ex.submit(job);
    started.wait();
    print("a", state(a), "cancel:", a.cancel());
    auto before = state(b);
    bool first = b.cancel();
    bool again = b.cancel();
    print("b", before, "cancel:", first, "again:", again, state(b));
    try {
      a.result(50ms);
    } catch (const heddle::TimeoutError&) {
      print("TimeoutError, still running:", a.running());
    }
    go.set();
    int result = a.result();
    bool failed = a.exception() != nullptr;
    print(result, failed ? "exception" : "None", a.cancel(), state(a));
    try {
      b.result();
    } catch (const futures::CancelledError&) {
      print("CancelledError");
    }
    try {
      b.exception();
    } catch (const futures::CancelledError&) {
      print("CancelledError");
    }
  }
  futures::Future<int> f;
  print(f.set_running_or_notify_cancel());
  f.set_result(1);
  try {
    f.set_result(2);
  } catch (const heddle::InvalidStateError&) {
    print("InvalidStateError", f.result());
  }
}
