#include <doctest/doctest.h>
#include <heddle/threading/thread.h>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

namespace threading = heddle::threading;
using threading::Thread;
using threading::ThreadOptions;
using namespace std::chrono_literals;

// Text of the RuntimeError that the call throws.
template <class F>
static std::string runtime_error(F call) {
  try {
    call();
  } catch (const heddle::RuntimeError& error) {
    return error.what();
  }
  return "";
}

TEST_CASE("Thread: runs its target with stored arguments, move-only ones too") {
  int result = 0;
  Thread thread([&result](std::unique_ptr<int> value, int factor) { result = *value * factor; },
                std::make_unique<int>(6), 7);
  CHECK(!thread.ident());
  CHECK(!thread.is_alive());
  thread.start();
  CHECK(thread.ident());
  CHECK(thread.native_id());
  thread.join();
  CHECK(result == 42);
  CHECK(!thread.is_alive());
}

TEST_CASE("Thread: misuse has Python's words") {
  Thread thread([] {});
  CHECK(runtime_error([&] { thread.join(); }) == "cannot join thread before it is started");
  thread.start();
  CHECK(runtime_error([&] { thread.start(); }) == "threads can only be started once");
  thread.join();
  CHECK(runtime_error([&] { thread.start(); }) == "threads can only be started once");
  CHECK(runtime_error([] {
          threading::current_thread().join();
        }).starts_with("cannot join current thread"));
  CHECK(runtime_error([&] {
          thread.set_daemon(true);
        }).starts_with("cannot set daemon status of active thread"));
}

TEST_CASE("Thread: daemon is inherited, names are counted, current_thread() is the thread itself") {
  bool inherited = false;
  std::string name;
  Thread outer(ThreadOptions().daemon(true).name("outer"), [&] {
    Thread inner([&inherited] { inherited = threading::current_thread().daemon(); });
    inner.start();
    inner.join();
    name = threading::current_thread().name();
  });
  outer.start();
  outer.join();
  CHECK(inherited);
  CHECK(name == "outer");
  CHECK(!threading::main_thread().daemon());
  CHECK(threading::main_thread() == threading::current_thread());
  CHECK(Thread().name().starts_with("Thread-"));
}

TEST_CASE("Thread: enumerate() lists those that are alive, also foreign ones that asked") {
  std::atomic<bool> go{false};
  Thread thread([&go] { go.wait(false); });
  CHECK(threading::active_count() == 1);
  thread.start();
  CHECK(threading::active_count() == 2);
  std::thread([] {
    CHECK(threading::current_thread().name().starts_with("Dummy-"));
    CHECK(threading::current_thread().daemon());
    CHECK(threading::active_count() == 3);
  }).join();
  go = true;
  go.notify_all();
  thread.join();
  CHECK(threading::active_count() == 1);
  CHECK(threading::enumerate()[0].name() == "MainThread");
}

TEST_CASE(
    "Thread: join() with a timeout returns early, and dropping the handle does not stop the "
    "thread") {
  std::atomic<bool> go{false};
  std::atomic<bool> ended{false};
  {
    Thread thread([&] {
      go.wait(false);
      ended = true;
      ended.notify_all();
    });
    thread.start();
    thread.join(1ms);
    CHECK(thread.is_alive());
    thread.join(-1s);
    CHECK(thread.is_alive());
  }
  go = true;
  go.notify_all();
  ended.wait(false);
  while (threading::active_count() > 1) std::this_thread::yield();
}

class Countdown : public Thread {
 public:
  using Thread::Thread;
  int left = 3;
  void run() override { left = 0; }
};

TEST_CASE("Thread: a subclass may override run()") {
  Countdown countdown;
  countdown.start();
  countdown.join();
  CHECK(countdown.left == 0);
  Thread idle;  // no target: run() does nothing
  idle.start();
  idle.join();
}

TEST_CASE("Thread: an exception that leaves run() goes to the excepthook, SystemExit too") {
  std::vector<std::string> seen;
  threading::set_excepthook([&seen](const threading::ExceptHookArgs& args) {
    seen.push_back(args.thread.name() + " " + heddle::repr(args.exception));
  });
  for (int i = 0; i < 2; ++i) {
    Thread thread(ThreadOptions().name("t" + std::to_string(i)), [i] {
      if (i == 0) throw heddle::ValueError("boom");
      throw heddle::SystemExit(1);
    });
    thread.start();
    thread.join();
  }
  threading::install_excepthook(nullptr);
  CHECK(seen == std::vector<std::string>{"t0 ValueError('boom')", "t1 SystemExit('1')"});
}

TEST_CASE("Thread: many threads may join one") {
  std::atomic<bool> go{false};
  Thread target([&go] { go.wait(false); });
  target.start();
  std::vector<Thread> joiners;
  for (int i = 0; i < 8; ++i) {
    joiners.emplace_back([target]() mutable { target.join(); });
    joiners.back().start();
  }
  go = true;
  go.notify_all();
  for (auto& joiner : joiners) joiner.join();
  CHECK(!target.is_alive());
}
