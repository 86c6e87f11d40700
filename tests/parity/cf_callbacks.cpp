#include <heddle/futures.h>
#include <heddle/threading.h>

#include "seed/print.h"

namespace futures = heddle::futures;
namespace threading = heddle::threading;

static std::string where() {
  std::string name = threading::current_thread().name();
  return name == "MainThread" ? "main" : name;
}

int main() {
  if (std::freopen("/dev/null", "w", stderr) == nullptr)
    return 1;  // the Python original silences the logger
  std::vector<std::tuple<std::string, std::string, bool>> seen;
  auto note = [&](std::string tag) {
    return [&seen, tag](const auto& f) { seen.emplace_back(tag, where(), f.done()); };
  };
  threading::Event go;
  futures::Future<int> f;
  {
    futures::ThreadPoolExecutor ex(1, futures::ThreadPoolOptions().thread_name_prefix("w"));
    f = ex.submit([&] {
      go.wait();
      return 5;
    });
    f.add_done_callback(note("first"));
    f.add_done_callback([](const auto&) -> void { throw heddle::ValueError("ignored"); });
    f.add_done_callback(note("second"));
    auto g = ex.submit([] { return 0; });
    g.add_done_callback(note("cancelled"));
    bool cancelled = g.cancel();
    print("cancel:", cancelled, seen);
    go.set();
    print(f.result());
  }
  print(seen);
  f.add_done_callback(note("late"));
  print(seen.back());

  std::vector<std::string> order;
  futures::Future<int> h;
  h.add_done_callback([&](const futures::Future<int>& done) {
    order.push_back("outer");
    done.add_done_callback([&](const auto&) { order.push_back("inner"); });
    order.push_back("outer ends");
  });
  h.add_done_callback([&](const auto&) { order.push_back("last"); });
  h.set_exception(std::make_exception_ptr(heddle::KeyError("k")));
  print(order);
  std::exception_ptr error = h.exception();
  try {
    h.result();
  } catch (const heddle::KeyError&) {
    print("same exception object:", std::current_exception() == error, heddle::repr(error));
  }
  try {
    h.set_exception(std::make_exception_ptr(heddle::KeyError("again")));
  } catch (const heddle::InvalidStateError&) {
    print("InvalidStateError");
  }
  futures::Future<int> c;
  c.cancel();
  print(c.set_running_or_notify_cancel());
  try {
    c.set_running_or_notify_cancel();
  } catch (const heddle::RuntimeError& e) {
    std::string text = e.what();
    print("RuntimeError:", text.substr(0, text.find(": ")));
  }
}
