// What the rows are made of: memory, clock, exceptions, and a wake-up of another thread.
#include <linux/futex.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <exception>
#include <thread>

#include "coroutines.h"
#include "rows.h"

using namespace limits;

namespace {

// Throws through one coroutine: stored by its promise, rethrown by its awaiter.
class Thrower {
 public:
  struct promise_type {
    static void* operator new(std::size_t size) { return FramePool::take(size); }
    static void operator delete(void* block, std::size_t size) { FramePool::give(block, size); }
    Thrower get_return_object() {
      return Thrower(std::coroutine_handle<promise_type>::from_promise(*this));
    }
    std::suspend_always initial_suspend() noexcept { return {}; }
    Return final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { error = std::current_exception(); }
    std::coroutine_handle<> awaiting;
    std::exception_ptr error;
  };
  explicit Thrower(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
  Thrower(const Thrower&) = delete;
  ~Thrower() { handle_.destroy(); }
  bool await_ready() const { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> awaiting) {
    handle_.promise().awaiting = awaiting;
    return handle_;
  }
  void await_resume() const { std::rethrow_exception(handle_.promise().error); }

 private:
  std::coroutine_handle<promise_type> handle_;
};

Thrower thrower() {
  throw 1;
  co_return;
}

Root catch_loop(long n, long& caught) {
  for (long i = 0; i < n; ++i) {
    try {
      co_await thrower();
    } catch (int) {
      ++caught;
    }
  }
}

[[gnu::noinline]] void throws() { throw 1; }

// One bit from one thread to another: spins for a while, then sleeps.
class Signal {
 public:
  void set() {
    flag_.store(1);
    if (asleep_.load()) futex(FUTEX_WAKE_PRIVATE, 1);
  }
  void wait(std::chrono::nanoseconds spin) {
    if (spin.count() > 0) {
      auto end = std::chrono::steady_clock::now() + spin;
      while (flag_.load() == 0 && std::chrono::steady_clock::now() < end) {
        for (int i = 0; i < 20; ++i) __builtin_ia32_pause();
      }
    }
    if (flag_.load() == 0) {
      asleep_.store(1);
      while (flag_.load() == 0) futex(FUTEX_WAIT_PRIVATE, 0);
      asleep_.store(0);
    }
    flag_.store(0);
  }

 private:
  void futex(int operation, int value) {
    ::syscall(SYS_futex, &flag_, operation, value, nullptr, nullptr, 0);
  }
  alignas(64) std::atomic<int> flag_{0};
  std::atomic<int> asleep_{0};
};

void round_trips(const char* row, long n, std::chrono::nanoseconds spin) {
  Signal there;
  Signal back;
  std::thread other([&] {
    for (long i = 0; i < n; ++i) {
      there.wait(spin);
      back.set();
    }
  });
  bench::Stopwatch watch;
  for (long i = 0; i < n; ++i) {
    there.set();
    back.wait(spin);
  }
  watch.report(row, n);
  other.join();
}

struct SharedRing {
  static constexpr std::size_t size = 1024;
  alignas(64) std::atomic<std::size_t> in{0};
  alignas(64) std::atomic<std::size_t> out{0};
  alignas(64) long items[size] = {};
};

long take_all(SharedRing& ring, std::size_t n) {
  std::size_t seen = 0;
  long sum = 0;
  for (std::size_t i = 0; i < n;) {
    while (i == seen) seen = ring.in.load(std::memory_order_acquire);
    sum += ring.items[i++ % SharedRing::size];
    if (i % 32 == 0 || i == seen) ring.out.store(i, std::memory_order_release);
  }
  return sum;
}

}  // namespace

void rows::malloc_free(long n) {
  bench::Stopwatch watch;
  for (long i = 0; i < n; ++i) {
    void* block = std::malloc(128);
    bench::keep(block);
    std::free(block);
  }
  watch.report("malloc_free", n);
}

void rows::frame_pool(long n) {
  bench::Stopwatch watch;
  for (long i = 0; i < n; ++i) {
    void* block = FramePool::take(128);
    bench::keep(block);
    FramePool::give(block, 128);
  }
  watch.report("frame_pool", n);
}

void rows::clock_read(long n) {
  timespec time{};
  bench::Stopwatch watch;
  for (long i = 0; i < n; ++i) clock_gettime(CLOCK_MONOTONIC, &time);
  watch.report("clock_read", n);
}

void rows::eventfd_write(long n) {
  int descriptor = ::eventfd(0, 0);
  std::uint64_t one = 1;
  bench::Stopwatch watch;
  for (long i = 0; i < n; ++i) {
    bench::require(::write(descriptor, &one, sizeof one) == sizeof one, "an eventfd is written");
  }
  watch.report("eventfd_write", n);
  ::close(descriptor);
}

void rows::throw_catch(long n) {
  long caught = 0;
  bench::Stopwatch watch;
  for (long i = 0; i < n; ++i) {
    try {
      throws();
    } catch (int) {
      ++caught;
    }
  }
  watch.report("throw_catch", n);
  bench::require(caught == n, "every exception was caught");
}

void rows::throw_coroutine(long n) {
  long caught = 0;
  bench::Stopwatch watch;
  catch_loop(n, caught);
  watch.report("throw_coroutine", n);
  bench::require(caught == n, "every exception was caught");
}

void rows::futex_rt(long n) { round_trips("futex_rt", n, std::chrono::nanoseconds(0)); }
void rows::futex_spin_rt(long n) { round_trips("futex_spin_rt", n, std::chrono::microseconds(20)); }

void rows::spsc_ring(long n) {
  static SharedRing ring;
  std::size_t count = static_cast<std::size_t>(n);
  ring.in = 0;
  ring.out = 0;
  long sum = 0;
  std::thread consumer([&] { sum = take_all(ring, count); });
  bench::Stopwatch watch;
  std::size_t seen = 0;
  for (std::size_t i = 0; i < count; ++i) {
    while (i - seen == SharedRing::size) seen = ring.out.load(std::memory_order_acquire);
    ring.items[i % SharedRing::size] = static_cast<long>(i);
    ring.in.store(i + 1, std::memory_order_release);
  }
  consumer.join();
  watch.report("spsc_ring", n);
  bench::require(sum == n * (n - 1) / 2, "every item came out once");
}

void rows::thread_start_join(long n) {
  bench::Stopwatch watch;
  for (long i = 0; i < n; ++i) std::thread([] {}).join();
  watch.report("thread_start_join", n);
}
