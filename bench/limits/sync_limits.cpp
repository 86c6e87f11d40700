// Limits of queues and locks of one loop: a ring, a flag, waiters in intrusive lists that are
// handed what they wait for.
#include "coroutines.h"
#include "rows.h"

using namespace limits;

namespace {

class Ring {
 public:
  struct Put : Node {
    Ring& ring;
    long item;
    Put(Ring& ring_, long item_) : ring(ring_), item(item_) {}
    bool await_ready() { return ring.try_put(item); }
    void await_suspend(std::coroutine_handle<> handle) {
      coroutine = handle;
      ring.putters_.push(*this);
    }
    void await_resume() const {}
  };
  struct Get : Node {
    Ring& ring;
    long item = 0;
    explicit Get(Ring& ring_) : ring(ring_) {}
    bool await_ready() { return ring.try_get(item); }
    void await_suspend(std::coroutine_handle<> handle) {
      coroutine = handle;
      ring.getters_.push(*this);
    }
    long await_resume() const { return item; }
  };
  Put put(long item) { return {*this, item}; }
  Get get() { return Get(*this); }

 private:
  bool try_put(long item) {
    if (!getters_.empty()) {
      auto& getter = static_cast<Get&>(getters_.pop());
      getter.item = item;
      ready.push(getter);
      return true;
    }
    if (in_ - out_ == size) return false;
    items_[in_++ % size] = item;
    return true;
  }
  bool try_get(long& item) {
    if (in_ == out_) return false;
    item = items_[out_++ % size];
    if (!putters_.empty()) {
      auto& putter = static_cast<Put&>(putters_.pop());
      items_[in_++ % size] = putter.item;
      ready.push(putter);
    }
    return true;
  }

  static constexpr std::size_t size = 1024;
  std::size_t in_ = 0;
  std::size_t out_ = 0;
  long items_[size] = {};
  List getters_;
  List putters_;
};

Root put_all(Ring& ring, long n) {
  for (long i = 0; i < n; ++i) co_await ring.put(i);
}

Root get_all(Ring& ring, long n, long& sum) {
  for (long i = 0; i < n; ++i) sum += co_await ring.get();
}

void through_ring(const char* row, long n, long pairs) {
  Ring ring;
  long share = n / pairs;
  long sum = 0;
  bench::Stopwatch watch;
  for (long i = 0; i < pairs; ++i) {
    put_all(ring, share);
    get_all(ring, share, sum);
  }
  run_ready();
  watch.report(row, pairs * share);
  bench::require(sum == pairs * share * (share - 1) / 2, "every item came out once");
}

class Lock {
 public:
  struct Acquire : Node {
    Lock& lock;
    explicit Acquire(Lock& lock_) : lock(lock_) {}
    bool await_ready() { return !std::exchange(lock.locked_, true); }
    void await_suspend(std::coroutine_handle<> handle) {
      coroutine = handle;
      lock.waiters_.push(*this);
    }
    void await_resume() const {}
  };
  Acquire acquire() { return Acquire(*this); }
  void release() {
    if (waiters_.empty()) {
      locked_ = false;
    } else {
      ready.push(waiters_.pop());  // stays locked: it is handed over
    }
  }

 private:
  bool locked_ = false;
  List waiters_;
};

Root lock_alone(Lock& lock, long n) {
  long count = 0;
  for (long i = 0; i < n; ++i) {
    co_await lock.acquire();
    bench::keep(++count);
    lock.release();
  }
}

Root lock_and_yield(Lock& lock, long n, long& inside) {
  for (long i = 0; i < n; ++i) {
    co_await lock.acquire();
    bench::require(inside++ == 0, "one at a time holds the lock");
    co_await Yield{};
    --inside;
    lock.release();
  }
}

}  // namespace

void rows::queue_spsc(long n) { through_ring("queue_spsc", n, 1); }
void rows::queue_mpmc(long n) { through_ring("queue_mpmc", n, 4); }

void rows::mutex_uncontended(long n) {
  Lock lock;
  bench::keep(&lock);
  bench::Stopwatch watch;
  lock_alone(lock, n);
  watch.report("mutex_uncontended", n);
}

void rows::mutex_handoff(long n) {
  Lock lock;
  long inside = 0;
  long share = std::max(1L, n / 8);
  bench::Stopwatch watch;
  for (int i = 0; i < 8; ++i) lock_and_yield(lock, share, inside);
  run_ready();
  watch.report("mutex_handoff", 8 * share);
}
