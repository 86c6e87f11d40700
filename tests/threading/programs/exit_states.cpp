// Ends the program in one of many ways, in one of many states: exit_states WAY STATE. Without
// arguments it lists both. exit_states.sh runs them all.
#include <heddle/asyncio.h>
#include <heddle/futures/thread_pool_executor.h>
#include <heddle/threading.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <thread>
#include <vector>

namespace threading = heddle::threading;
namespace futures = heddle::futures;
namespace asyncio = heddle::asyncio;
using namespace std::chrono_literals;
using threading::Thread;
using threading::ThreadOptions;

namespace {

// What daemon threads touch is never destroyed.
struct Shared {
  threading::Lock lock;
  threading::RLock rlock;
  threading::Condition condition;
  threading::Semaphore semaphore{0};
  threading::Event event, begun;
  threading::Barrier barrier{9};
  threading::local<std::vector<int>> values;
  futures::ThreadPoolExecutor pool{2};
  threading::Timer timer{10ms, [] { std::puts("worker done"); }};
};
Shared& shared = *new Shared;

template <class F>
void daemon(F work) {
  Thread thread(ThreadOptions().daemon(true), [work] {
    shared.begun.set();
    work();
  });
  thread.start();
  shared.begun.wait();
}

void start_others(int depth) {
  std::puts("worker done");
  std::this_thread::sleep_for(2ms);
  if (depth > 0) Thread(start_others, depth - 1).start();
}

void allocate_for_ever() {
  while (true) {
    std::vector<std::unique_ptr<int>> many;
    for (int i = 0; i < 50; ++i) many.push_back(std::make_unique<int>(i));
  }
}

void hold_by_turns() {
  while (true) {
    shared.lock.acquire();
    shared.condition.acquire();
    shared.condition.notify_all();
    shared.condition.release();
    shared.lock.release();
  }
}

asyncio::Coro<void> sleep_for_ever() {
  while (true) co_await asyncio::sleep(200us);
}

asyncio::Coro<void> with_tasks() {
  auto one = asyncio::create_task(sleep_for_ever());
  auto other = asyncio::create_task(sleep_for_ever());
  co_await asyncio::sleep(1h);
}

asyncio::Coro<void> exit_among_tasks() {
  auto one = asyncio::create_task(sleep_for_ever());
  co_await asyncio::sleep(300us);
  std::exit(3);
}

struct State {
  const char* name;
  int done;  // how often "worker done" has to be printed
  void (*begin)();
};

const State states[] = {
    {"nothing", 0, [] {}},
    {"in_lock", 0,
     [] {
       shared.lock.acquire();
       daemon([] { shared.lock.acquire(); });
     }},
    {"in_rlock", 0,
     [] {
       shared.rlock.acquire();
       daemon([] { shared.rlock.acquire(); });
     }},
    {"holding_locks", 0, [] { daemon(hold_by_turns); }},
    {"in_condition", 0,
     [] {
       daemon([] {
         shared.condition.acquire();
         while (true) shared.condition.wait(100us);
       });
     }},
    {"in_semaphore", 0, [] { daemon([] { shared.semaphore.acquire(); }); }},
    {"in_event", 0,
     [] {
       daemon([] {
         while (true) shared.event.wait(50us);
       });
     }},
    {"in_barrier", 0, [] { daemon([] { shared.barrier.wait(); }); }},
    {"joining_main", 1,
     [] {
       daemon([] {
         threading::main_thread().join();
         while (true) threading::enumerate();
       });
       Thread([] {
         threading::main_thread().join();
         std::puts("worker done");
       }).start();
     }},
    {"allocating", 0, [] { daemon(allocate_for_ever); }},
    {"printing", 0,
     [] {
       daemon([] {
         while (true) std::puts("daemon");
       });
     }},
    {"starting_threads", 0,
     [] {
       daemon([] {
         try {
           while (true) {
             Thread thread(ThreadOptions().daemon(true), [] {});
             thread.start();
             thread.join();
           }
         } catch (const heddle::RuntimeError&) {  // the program ends
           shared.semaphore.acquire();
         }
       });
     }},
    {"chain_of_threads", 5, [] { Thread(start_others, 4).start(); }},
    {"local_values", 0,
     [] {
       daemon([] {
         while (true) {
           shared.values->push_back(1);
           shared.values.reset();
         }
       });
     }},
    {"loop_with_tasks", 0, [] { daemon([] { asyncio::run(with_tasks()); }); }},
    {"timer", 1, [] { shared.timer.start(); }},
    {"pool_busy", 4,
     [] {
       for (int i = 0; i < 4; ++i) {
         shared.pool.submit([] {
           std::this_thread::sleep_for(1ms);
           std::puts("worker done");
         });
       }
     }},
};

struct Way {
  const char* name;
  int code;
  bool orderly;  // buffers are written and threads joined
  int (*end)();
};

const Way ways[] = {
    {"return", 3, true, [] { return 3; }},
    {"exit", 3, true, []() -> int { std::exit(3); }},
    {"exit_in_thread", 3, true,
     [] {
       Thread leaver([] { std::exit(3); });
       leaver.start();
       leaver.join();  // never returns: the other thread ends the program
       return 4;
     }},
    {"exit_in_daemon", 3, true,
     []() -> int {
       daemon([] { std::exit(3); });
       while (true) shared.semaphore.acquire();
     }},
    {"exit_in_pool", 3, true,
     []() -> int {
       shared.pool.submit([] { std::exit(3); }).result();
       return 4;
     }},
    {"exit_in_task", 3, true,
     []() -> int {
       asyncio::run(exit_among_tasks());
       return 4;
     }},
    {"exit_twice", 3, true,
     [] {
       Thread([] { std::exit(3); }).start();
       Thread([] { std::exit(3); }).start();
       return 3;
     }},
    {"exception", 1, true,
     [] { return threading::run_main([]() -> int { throw heddle::ValueError("out of main"); }); }},
    {"quick_exit", 3, false, []() -> int { std::quick_exit(3); }},
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    for (const Way& way : ways) {
      for (const State& state : states) {
        int done = state.done;
        std::printf("%s %s %d %d\n", way.name, state.name, way.code, way.orderly ? done : -1);
      }
    }
    return 0;
  }
  for (int i = 0; i < 100; ++i) std::puts("main");
  for (const State& state : states) {
    if (std::strcmp(state.name, argv[2]) == 0) state.begin();
  }
  for (const Way& way : ways) {
    if (std::strcmp(way.name, argv[1]) == 0) return way.end();
  }
  return 99;
}
