#include <doctest/doctest.h>
#include <heddle/threading/event.h>
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

// The name that the system knows the calling thread by.
static std::string name_in_system() {
  char name[16] = {};
  pthread_getname_np(pthread_self(), name, sizeof name);
  return name;
}

TEST_CASE("Thread: the system is told its name, as far as it keeps one") {
  threading::Event renamed, seen;
  std::string first, second, third;
  Thread thread(ThreadOptions().name("a name of more than 15"), [&] {
    first = name_in_system();
    seen.set();
    renamed.wait();
    second = name_in_system();
    threading::current_thread().set_name("vierzehn Zeich\u00e4n");
    third = name_in_system();
  });
  thread.set_name("another name, also too long");
  thread.start();
  seen.wait();
  thread.set_name("short");
  renamed.set();
  thread.join();
  thread.set_name("ended");
  CHECK(first == "another name, a");
  CHECK(second == "short");
  CHECK(third == "vierzehn Zeich");
  CHECK(thread.name() == "ended");
}

TEST_CASE("Thread: a default name has a number, and the target's name if it is told") {
  std::string name = Thread(ThreadOptions().target_name("f"), [] {}).name();
  CHECK(name.starts_with("Thread-"));
  CHECK(name.ends_with(" (f)"));
  CHECK(Thread(ThreadOptions().name("bob").target_name("f"), [] {}).name() == "bob");
}

TEST_CASE("Thread: runs in an empty context, or in the one that it is given") {
  static heddle::ContextVar<int> variable("variable", 0);
  auto token = variable.set(7);
  int without = -1, with = -1;
  Thread a([&] { without = variable.get(); });
  Thread b(ThreadOptions().context(heddle::copy_context()), [&] {
    with = variable.get();
    variable.set(8);
  });
  for (Thread* thread : {&a, &b}) {
    thread->start();
    thread->join();
  }
  CHECK(without == 0);
  CHECK(with == 7);
  CHECK(variable.get() == 7);
  variable.reset(token);
}

TEST_CASE("Thread: join() waits for the destructors of its thread_locals, for all who join") {
  for (int round = 0; round < 50; ++round) {
    std::atomic<bool> destroyed{false};
    struct Slow {
      std::atomic<bool>* flag;
      ~Slow() {
        for (int i = 0; i < 100; ++i) std::this_thread::yield();
        *flag = true;
      }
    };
    Thread thread([&] { static thread_local Slow slow{&destroyed}; });
    thread.start();
    bool seen = false;
    Thread other([&] {
      thread.join();
      seen = destroyed;
    });
    other.start();
    thread.join();
    CHECK(destroyed);
    other.join();
    CHECK(seen);
  }
}

TEST_CASE("Thread: the destructor of a thread_local may ask for the thread") {
  static std::string name;
  struct Asks {
    ~Asks() { name = threading::current_thread().name(); }
  };
  Thread joined(ThreadOptions().name("joined"), [] { static thread_local Asks asks; });
  joined.start();
  joined.join();
  CHECK(name == "joined");
}

TEST_CASE(
    "Thread: join() with a timeout does not wait longer for the destructors of thread_locals") {
  threading::Event may_end;
  struct Slow {
    threading::Event* event;
    ~Slow() { event->wait(); }
  };
  Thread thread([&] { static thread_local Slow slow{&may_end}; });
  thread.start();
  for (int i = 0; i < 3; ++i) thread.join(1ms);
  while (thread.is_alive()) thread.join(1ms);
  thread.join(1ms);
  may_end.set();
  thread.join(10s);
  thread.join();
  CHECK(!thread.is_alive());
}
