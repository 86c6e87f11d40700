// Threads and a system that answers otherwise than usual, or is not to be asked at all.
#include <heddle/threading/condition.h>
#include <heddle/threading/event.h>
#include <heddle/threading/lock.h>
#include <heddle/threading/semaphore.h>
#include <heddle/threading/thread.h>

#include <cerrno>
#include <new>
#include <utility>

#include "core/kernel.h"
#include "threading/stress.h"

namespace threading = heddle::threading;
using threading::Thread;
using threading::ThreadOptions;

static std::size_t stack_asked_for = 0;

// The system may give an old stack that is larger, so what counts is what it is asked for.
static int note_stack(pthread_t* thread, const pthread_attr_t* attributes, void* (*entry)(void*),
                      void* argument, const char*) {
  pthread_attr_getstacksize(attributes, &stack_asked_for);
  return pthread_create(thread, attributes, entry, argument);
}

TEST_CASE("Thread: its stack is as large as asked for, by option or for all") {
  auto former = std::exchange(heddle::core::Kernel::thread_create, note_stack);
  auto run = [](ThreadOptions options) {
    Thread thread(std::move(options), [] {});
    thread.start();
    thread.join();
    return stack_asked_for;
  };
  const std::size_t megabyte = 1 << 20;
  CHECK(threading::stack_size() == 0);
  CHECK(run(ThreadOptions()) >= megabyte);
  CHECK(run(ThreadOptions().stack_size(3 * megabyte)) == 3 * megabyte);
  CHECK(threading::stack_size(2 * megabyte) == 0);
  CHECK(run(ThreadOptions()) == 2 * megabyte);
  CHECK(threading::stack_size(0) == 2 * megabyte);
  CHECK_THROWS_AS(threading::stack_size(32 * 1024 - 1), heddle::ValueError);
  CHECK_THROWS_AS(run(ThreadOptions().stack_size(100)), heddle::ValueError);
  CHECK(threading::stack_size() == 0);
  heddle::core::Kernel::thread_create = former;
}

TEST_CASE("Thread: one that the system refuses is not registered, and may be started later") {
  Thread thread([] {});
  auto former = heddle::core::Kernel::thread_create;
  heddle::core::Kernel::thread_create = [](pthread_t*, const pthread_attr_t*, void* (*)(void*),
                                           void*, const char*) { return EAGAIN; };
  CHECK(threading::text_of<heddle::RuntimeError>([&] {
          thread.start();
        }).starts_with("can't start new thread"));
  heddle::core::Kernel::thread_create = former;
  CHECK_FALSE(thread.is_alive());
  CHECK(threading::active_count() == 1);
  CHECK(threading::text_of<heddle::RuntimeError>([&] { thread.join(); }) ==
        "cannot join thread before it is started");
  thread.start();
  thread.join();
}

TEST_CASE("Thread: one for which there was no memory is not registered, and may be started later") {
  Thread thread([] {});
  auto former = heddle::core::Kernel::thread_create;
  heddle::core::Kernel::thread_create = [](pthread_t*, const pthread_attr_t*, void* (*)(void*),
                                           void*, const char*) -> int { throw std::bad_alloc(); };
  CHECK_THROWS_AS(thread.start(), std::bad_alloc);
  heddle::core::Kernel::thread_create = former;
  CHECK(threading::active_count() == 1);
  thread.start();
  thread.join();
}

static std::atomic<int> futex_calls{0};

TEST_CASE("threading: what nobody has to wait for needs no system call") {
  auto wait =
      std::exchange(heddle::core::Kernel::futex_wait,
                    [](std::uint32_t*, std::uint32_t, std::int64_t) { return ++futex_calls; });
  auto wake = std::exchange(heddle::core::Kernel::futex_wake,
                            [](std::uint32_t*, int) { return ++futex_calls; });
  threading::Lock lock;
  threading::Condition condition;
  threading::BoundedSemaphore semaphore(2);
  threading::Event event;
  for (int i = 0; i < 100; ++i) {
    lock.acquire();
    CHECK_FALSE(lock.acquire(false));
    lock.release();
    condition.acquire();
    condition.acquire();
    condition.notify();
    condition.notify_all();
    condition.release();
    condition.release();
    semaphore.acquire();
    semaphore.acquire();
    CHECK_FALSE(semaphore.acquire(false));
    semaphore.release(2);
    event.set();
    event.wait();
    event.clear();
    CHECK_FALSE(event.wait(std::chrono::seconds(0)));
  }
  heddle::core::Kernel::futex_wait = wait;
  heddle::core::Kernel::futex_wake = wake;
  CHECK(futex_calls == 0);
}
