#include <heddle/futures.h>
#include <heddle/threading.h>

#include <algorithm>

#include "seed/print.h"

namespace futures = heddle::futures;
namespace threading = heddle::threading;

static std::string refused(futures::Executor& ex) {
  try {
    ex.submit([] {});
  } catch (const heddle::RuntimeError& e) {
    return e.what();
  }
  return "None";
}

int main() {
  std::vector<int> done;
  auto append = [&](int n) { done.push_back(n); };
  {
    threading::Event go;
    futures::ThreadPoolExecutor ex(1);
    auto a = ex.submit([&] { return go.wait(); });
    auto b = ex.submit(append, 1);
    auto c = ex.submit(append, 2);
    ex.shutdown({.wait = false});
    print("not waited:", done, "|", refused(ex));
    go.set();
    ex.shutdown();
    ex.shutdown();
    print("queued work ran:", done, a.result(), b.done(), c.done());
  }
  {
    threading::Event go;
    threading::Event started;
    futures::ThreadPoolExecutor ex(1);
    auto a = ex.submit([&] {
      started.set();
      go.wait();
      return std::string("ran to its end");
    });
    auto b = ex.submit(append, 3);
    auto c = ex.submit(append, 4);
    started.wait();
    ex.shutdown({.wait = false, .cancel_futures = true});
    print("cancelled:", a.cancelled(), b.cancelled(), c.cancelled());
    go.set();
    ex.shutdown();
    print(a.result(), done);
  }
  futures::ThreadPoolExecutor ex(2);
  std::vector<futures::Future<int>> fs;
  for (int n = 0; n < 5; ++n) fs.push_back(ex.submit([](int m) { return m * m; }, n));
  ex.shutdown();  // the end of Python's `with`
  bool all = std::all_of(fs.begin(), fs.end(), [](const auto& f) { return f.done(); });
  std::vector<int> squares;
  for (const auto& f : fs) squares.push_back(f.result());
  print("with waits:", all, squares, "|", refused(ex));
  for (int n : {0, -1}) {
    try {
      futures::ThreadPoolExecutor bad(n);
    } catch (const heddle::ValueError& e) {
      print("ValueError:", e);
    }
  }
  try {
    ex.map([](int n) { return n; }, std::vector{1});
  } catch (const heddle::RuntimeError& e) {
    print("map:", e);
  }
}
