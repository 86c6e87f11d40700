#include <heddle/threading/excepthook.h>

#include <unistd.h>

#include <cstdio>

#include "threading/stress.h"

namespace threading = heddle::threading;
using threading::Thread;
using threading::ThreadOptions;

// What the call writes to stderr.
template <class F>
static std::string stderr_of(F call) {
  std::FILE* file = std::tmpfile();
  std::fflush(stderr);
  int former = ::dup(2);
  ::dup2(::fileno(file), 2);
  call();
  std::fflush(stderr);
  ::dup2(former, 2);
  ::close(former);
  std::rewind(file);
  std::string text(1000, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), file));
  std::fclose(file);
  return text;
}

template <class F>
static void in_thread(F target) {
  Thread thread(ThreadOptions().name("t"), target);
  thread.start();
  thread.join();
}

TEST_CASE("excepthook: gets what leaves run(), SystemExit too, and the thread") {
  std::vector<std::string> seen;
  threading::set_excepthook([&seen](const threading::ExceptHookArgs& args) {
    seen.push_back(args.thread.name() + " " + heddle::repr(args.exception));
    CHECK(args.thread == threading::current_thread());
  });
  in_thread([] { throw heddle::ValueError("boom"); });
  in_thread([] { throw heddle::SystemExit(1); });
  in_thread([] { throw 7; });
  threading::install_excepthook(nullptr);
  CHECK(seen == std::vector<std::string>{"t ValueError('boom')", "t SystemExit(1)", "t int()"});
}

TEST_CASE("excepthook: the default one writes the exception, and is silent about SystemExit") {
  CHECK(stderr_of([] { in_thread([] { throw heddle::ValueError("boom"); }); }) ==
        "Exception in thread t:\n  ValueError: boom\n");
  CHECK(stderr_of([] { in_thread([] { throw heddle::SystemExit(1); }); }).empty());
}

TEST_CASE("excepthook: one that throws is reported, and so is what it was called for") {
  threading::set_excepthook(
      [](const threading::ExceptHookArgs&) { throw heddle::KeyError("hook"); });
  std::string text = stderr_of([] { in_thread([] { throw heddle::ValueError("boom"); }); });
  threading::install_excepthook(nullptr);
  CHECK(text ==
        "Exception in threading.excepthook:\n  KeyError: hook\n"
        "Exception in thread t:\n  ValueError: boom\n");
}

// Destroyed while the lock of the hooks is free.
struct UsesThreading {
  ~UsesThreading() { threading::current_thread().set_name("MainThread"); }
};

TEST_CASE("excepthook: the one that is replaced may use threads when it dies") {
  auto held = std::make_shared<UsesThreading>();
  threading::set_excepthook([held](const threading::ExceptHookArgs&) {});
  held.reset();
  threading::install_excepthook(nullptr);
}
