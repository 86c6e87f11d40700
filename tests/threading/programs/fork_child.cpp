// fork() while other threads are inside every lock of the library: the child uses the same objects
// and all of the module, and never hangs. Prints how many children were well.
#include <heddle/threading.h>

#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

namespace threading = heddle::threading;
using threading::Thread;
using threading::ThreadOptions;
using namespace std::chrono_literals;

namespace {

struct Shared {
  threading::Condition condition;
  threading::Semaphore semaphore{1};
  threading::Event event;
  threading::Barrier barrier{2};
  threading::WaitQueue line;
  threading::local<int> value;
};
Shared& shared = *new Shared;

// What one thread does again and again, so that a fork() meets it inside.
void use(int kind) {
  switch (kind) {
    case 0:
      shared.semaphore.acquire(100us);
      shared.semaphore.release();
      break;
    case 1:
      shared.event.set();
      shared.event.clear();
      shared.event.wait(50us);
      break;
    case 2:
      try {
        shared.barrier.wait(50us);
      } catch (const threading::BrokenBarrierError&) {
        shared.barrier.reset();
      }
      break;
    case 3: {
      std::lock_guard held(shared.line);
      break;
    }
    case 4: {
      threading::local<std::string> made(std::string("value"));
      made->size();
      shared.value = 1;
      shared.value.reset();
      break;
    }
    case 5: {
      Thread thread(ThreadOptions().daemon(true), [] {});
      thread.start();
      thread.join();
      break;
    }
    case 6:
      threading::current_thread().set_name("renamed");
      threading::enumerate();
      break;
    default:
      threading::set_excepthook([](const threading::ExceptHookArgs&) {});
      threading::set_thread_hooks([](const Thread&) {}, [](const Thread&) {});
  }
}

// In the child. Every wait has a limit, as nobody else is there.
void check(bool good, const char* what) {
  if (good) return;
  std::fprintf(stderr, "child: %s\n", what);
  ::_exit(2);
}

void be_a_child(Thread& of_parent, int round) {
  ::alarm(20);
  for (int kind = 0; kind < 8; ++kind) use(kind);
  check(threading::active_count() == 1, "the other threads are gone");
  check(threading::main_thread() == threading::current_thread(), "the one that forked is main");
  check(!of_parent.is_alive(), "a thread of the parent is not alive");
  of_parent.join();
  shared.semaphore.release();
  check(shared.semaphore.acquire(1s), "a permit");
  check(!shared.event.wait(1ms), "an event that nobody sets");
  threading::Condition own;
  {
    threading::LockGuard held(own);
    check(!own.wait(100us), "a condition that nobody notifies");
  }
  int sum = 0;
  Thread thread([&] { sum = 42; });
  thread.start();
  thread.join();
  check(sum == 42, "a thread of its own");
  // Both ends: joins what it has started, and at once.
  if (round % 2 == 0) std::exit(0);
  ::_exit(0);
}

}  // namespace

int main(int argc, char** argv) {
  int rounds = argc > 1 ? std::atoi(argv[1]) : 100;
  std::atomic<bool> stop{false};
  std::vector<Thread> threads;
  for (int kind = 0; kind < 8; ++kind) {
    threads.emplace_back([&stop, kind] {
      while (!stop) use(kind);
    });
    threads.back().start();
  }
  int well = 0;
  for (int round = 0; round < rounds; ++round) {
    pid_t child = ::fork();
    if (child == 0) be_a_child(threads[static_cast<std::size_t>(round) % 8], round);
    int status = 0;
    ::waitpid(child, &status, 0);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
      ++well;
    } else {
      std::fprintf(stderr, "round %d: status %x\n", round, status);
    }
  }
  stop = true;
  for (auto& thread : threads) thread.join();
  std::printf("%d of %d children were well\n", well, rounds);
  return well == rounds ? 0 : 1;
}
