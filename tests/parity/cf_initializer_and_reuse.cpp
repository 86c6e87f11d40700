#include <heddle/futures.h>
#include <heddle/threading.h>

#include <set>
#include <thread>

#include "seed/print.h"

namespace futures = heddle::futures;
namespace threading = heddle::threading;
using namespace std::chrono_literals;

static thread_local std::string tag_of_thread;

int main() {
  threading::Lock lock;
  std::vector<std::string> inits;
  auto init = [&](const std::string& tag) {
    tag_of_thread = tag;
    std::lock_guard held(lock);
    inits.push_back(tag);
  };
  {
    futures::ThreadPoolExecutor ex(
        4,
        futures::ThreadPoolOptions().thread_name_prefix("w").initializer(init, std::string("T")));
    using Names = std::tuple<std::string, std::string>;
    std::set<Names> names;
    for (int i = 0; i < 5; ++i) {
      auto name = [] { return Names(tag_of_thread, threading::current_thread().name()); };
      names.insert(ex.submit(name).result());
      std::this_thread::sleep_for(50ms);
    }
    std::string set;
    for (const auto& each : names) set += (set.empty() ? "{" : ", ") + parity::str(each);
    print("sequential work uses one worker:", set + "}", inits);
    threading::Barrier barrier(3);
    std::vector<futures::Future<void>> fs;
    for (int i = 0; i < 3; ++i) fs.push_back(ex.submit([&] { barrier.wait(5s); }));
    for (auto& f : fs) f.result();
    print("parallel work starts more:", inits.size());
  }
  if (std::freopen("/dev/null", "w", stderr) == nullptr)
    return 1;  // the Python original has a handler that drops it
  futures::ThreadPoolExecutor bad(1, futures::ThreadPoolOptions().initializer([] {
    throw heddle::ZeroDivisionError("division by zero");
  }));
  auto nothing = [] { return 0; };
  try {
    print(bad.submit(nothing).result());
  } catch (const futures::BrokenThreadPool&) {
    print("BrokenThreadPool from result or submit");
  }
  try {
    bad.submit(nothing);
  } catch (const futures::BrokenThreadPool&) {
    print("pool stays broken");
  }
}
