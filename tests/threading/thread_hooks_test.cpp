#include <heddle/threading/excepthook.h>
#include <heddle/threading/thread_hooks.h>

#include "threading/stress.h"

namespace threading = heddle::threading;
using threading::Thread;
using threading::ThreadOptions;

TEST_CASE("thread hooks: called on each thread before and after what it runs") {
  std::vector<std::string> seen;
  auto note = [&seen](const char* what) {
    return [&seen, what](const Thread& thread) {
      CHECK(thread == threading::current_thread());
      seen.push_back(what + thread.name());
    };
  };
  threading::set_thread_hooks(note("+"), note("-"));
  Thread thread(ThreadOptions().name("t"), [&] { seen.push_back("run"); });
  thread.start();
  thread.join();
  threading::install_thread_hooks(nullptr);
  Thread silent([] {});
  silent.start();
  silent.join();
  CHECK(seen == std::vector<std::string>{"+t", "run", "-t"});
}

TEST_CASE("thread hooks: what they throw goes to the excepthook, and the thread goes on") {
  std::vector<std::string> seen;
  threading::set_excepthook([&seen](const threading::ExceptHookArgs& args) {
    seen.push_back(heddle::repr(args.exception));
  });
  threading::set_thread_hooks([](const Thread&) { throw heddle::KeyError("started"); },
                              [](const Thread&) { throw heddle::KeyError("ended"); });
  Thread thread([&] { seen.push_back("run"); });
  thread.start();
  thread.join();
  threading::install_thread_hooks(nullptr);
  threading::install_excepthook(nullptr);
  CHECK(seen == std::vector<std::string>{"KeyError('started')", "run", "KeyError('ended')"});
}
