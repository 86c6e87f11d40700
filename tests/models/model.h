// Model checking: small cases of the lock-free structures, run in every order of their steps, with
// what C++ allows weakly ordered loads to see.
//
// A case is a class with `threads`, run(thread) and end(); its atomics are models::Atomic, the
// memory that must not be raced for models::Data, its futex wait() and wake().
// explore<Case>(broken) makes one for each execution. The threads are fibers of one real thread;
// each operation on an atomic is a step, before which any thread may go on. Which threads do, and
// which of the stores that are not yet overtaken a load reads, are the choices; they are tried
// depth first, with at most 1, then 2, 3, … deviations from the tame run, until all have been tried
// or the limit of executions is reached.
//
// The memory: each location keeps its stores in their order, and with each the clock that it
// releases and when each thread first saw it. A load may read the newest store or an older one,
// back to the first that an event which happens before the load has seen or made. acquire takes the
// clock of the store over; a read-modify-write reads the newest and continues its release sequence;
// a seq_cst load reads nothing before the last seq_cst store. futex_wait compares with the newest
// store, as the kernel does. Data races are errors.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

namespace heddle::models {

constexpr std::size_t threads_max = 5;  // the first is who makes the case and looks at its end

struct Clock {
  std::array<std::uint32_t, threads_max> at{};
  void join(const Clock& other) noexcept {
    for (std::size_t i = 0; i < threads_max; ++i) at[i] = at[i] < other.at[i] ? other.at[i] : at[i];
  }
};

struct Thread {
  Clock clock;
  std::uint32_t stale_reads = 0;
  bool ended = false;
  bool yielded = false;
  bool timed = false;
  bool woken = false;
  const void* waits_for = nullptr;
};

struct Limits {
  std::uint64_t executions = 1'000'000;
  std::uint32_t deviations =
      1'000;                    // from the tame run; the search ends at fewer when it is exhausted
  std::uint32_t steps = 2'000;  // of one execution
};

struct Result {
  std::uint64_t executions = 0;
  std::uint32_t deviations = 0;  // all executions with so many were tried
  bool complete = false;         // there is no other execution
  std::string failure;           // "" for none; what was wrong, and the steps that lead there
};

// What a case is to the checker.
class AnyCase {
 public:
  virtual ~AnyCase() = default;
  virtual int thread_count() const = 0;
  virtual void run(int thread) = 0;
  virtual void end() = 0;
};

class Factory {
 public:
  virtual ~Factory() = default;
  virtual std::unique_ptr<AnyCase> make() = 0;
};

Result explore(Factory& factory, const Limits& limits);

// Throws unless `condition` holds; in run() and end().
void require(bool condition, const char* what);

// For loops that wait for another thread.
void yield();

namespace detail {

// Another thread may go first; the steps of one execution are counted here.
Thread& step();
Thread& self() noexcept;
int self_index() noexcept;
// A number below n; 0 is the tame one.
std::uint32_t choose(std::uint32_t n);
void log(const char* operation, const void* where, std::uint64_t value);
[[noreturn]] void fail(const std::string& what);
void sleep(const void* word, bool timed);
void wake(const void* word, int count);

constexpr bool acquires(std::memory_order order) {
  return order == std::memory_order_acquire || order == std::memory_order_acq_rel ||
         order == std::memory_order_seq_cst;
}
constexpr bool releases(std::memory_order order) {
  return order == std::memory_order_release || order == std::memory_order_acq_rel ||
         order == std::memory_order_seq_cst;
}

}  // namespace detail

template <class T>
class Atomic {
 public:
  Atomic(T value = T()) noexcept {
    stores_.push_back(made_by_now(value, std::memory_order_relaxed));
  }
  Atomic(const Atomic&) = delete;
  Atomic& operator=(const Atomic&) = delete;

  T load(std::memory_order order = std::memory_order_seq_cst) const noexcept {
    Thread& thread = detail::step();
    std::size_t newest = stores_.size() - 1;
    std::size_t oldest = newest;
    while (oldest > 0 && !bars_older(stores_[oldest], thread, order)) --oldest;
    std::size_t back = 0;
    // What was written is seen in the end: a thread does not read old values again and again.
    if (oldest < newest && thread.stale_reads < 4) {
      back = detail::choose(static_cast<std::uint32_t>(newest - oldest + 1));
      if (back > 0) ++thread.stale_reads;
    }
    const Store& store = stores_[newest - back];
    see(store, thread, order);
    detail::log(back > 0 ? "reads an old" : "reads", this, as_number(store.value));
    return store.value;
  }

  void store(T value, std::memory_order order = std::memory_order_seq_cst) noexcept {
    detail::step();
    stores_.push_back(made_by_now(value, order));
    detail::log("writes", this, as_number(value));
  }

  T exchange(T value, std::memory_order order = std::memory_order_seq_cst) noexcept {
    return change(order, [value](T) { return value; });
  }
  T fetch_add(T by, std::memory_order order = std::memory_order_seq_cst) noexcept {
    return change(order, [by](T old) { return static_cast<T>(old + by); });
  }
  T fetch_sub(T by, std::memory_order order = std::memory_order_seq_cst) noexcept {
    return change(order, [by](T old) { return static_cast<T>(old - by); });
  }
  T fetch_or(T bits, std::memory_order order = std::memory_order_seq_cst) noexcept {
    return change(order, [bits](T old) { return static_cast<T>(old | bits); });
  }
  T fetch_and(T bits, std::memory_order order = std::memory_order_seq_cst) noexcept {
    return change(order, [bits](T old) { return static_cast<T>(old & bits); });
  }

  bool compare_exchange_strong(T& expected, T value,
                               std::memory_order order = std::memory_order_seq_cst) noexcept {
    return compare_exchange_strong(expected, value, order, failure_of(order));
  }
  bool compare_exchange_strong(T& expected, T value, std::memory_order success,
                               std::memory_order failure) noexcept {
    Thread& thread = detail::step();
    if (stores_.back().value == expected) {
      replace(thread, value, success);
      return true;
    }
    see(stores_.back(), thread, failure);
    expected = stores_.back().value;
    detail::log("finds", this, as_number(expected));
    return false;
  }
  bool compare_exchange_weak(T& expected, T value,
                             std::memory_order order = std::memory_order_seq_cst) noexcept {
    return compare_exchange_weak(expected, value, order, failure_of(order));
  }
  bool compare_exchange_weak(T& expected, T value, std::memory_order success,
                             std::memory_order failure) noexcept {
    return compare_exchange_strong(expected, value, success, failure);
  }

  // The newest value, as the kernel and a debugger see it.
  T newest() const noexcept { return stores_.back().value; }

 private:
  struct Store {
    T value;
    Clock releases;
    std::array<std::uint32_t, threads_max> first_seen;
    bool seq_cst;
  };

  static std::uint64_t as_number(T value) {
    if constexpr (std::is_pointer_v<T>) {
      return reinterpret_cast<std::uintptr_t>(value);
    } else {
      return static_cast<std::uint64_t>(value);
    }
  }
  static constexpr std::memory_order failure_of(std::memory_order order) {
    return order == std::memory_order_acq_rel   ? std::memory_order_acquire
           : order == std::memory_order_release ? std::memory_order_relaxed
                                                : order;
  }
  static Store made_by_now(T value, std::memory_order order) {
    Thread& thread = detail::self();
    auto me = static_cast<std::size_t>(detail::self_index());
    Store store{value, {}, {}, order == std::memory_order_seq_cst};
    if (detail::releases(order)) store.releases = thread.clock;
    store.first_seen.fill(UINT32_MAX);
    store.first_seen[me] = thread.clock.at[me];
    return store;
  }
  // Whether nothing older than this store can be read.
  static bool bars_older(const Store& store, const Thread& thread, std::memory_order order) {
    if (order == std::memory_order_seq_cst && store.seq_cst) return true;
    for (std::size_t i = 0; i < threads_max; ++i) {
      if (store.first_seen[i] <= thread.clock.at[i]) return true;
    }
    return false;
  }
  static void see(const Store& store, Thread& thread, std::memory_order order) {
    auto me = static_cast<std::size_t>(detail::self_index());
    auto& seen = const_cast<Store&>(store).first_seen[me];
    seen = seen < thread.clock.at[me] ? seen : thread.clock.at[me];
    if (detail::acquires(order)) thread.clock.join(store.releases);
  }
  void replace(Thread& thread, T value, std::memory_order order) {
    see(stores_.back(), thread, order);
    Clock sequence = stores_.back().releases;
    stores_.push_back(made_by_now(value, order));
    stores_.back().releases.join(sequence);
    detail::log("changes to", this, as_number(value));
  }
  template <class Change>
  T change(std::memory_order order, Change change_of) {
    Thread& thread = detail::step();
    T old = stores_.back().value;
    replace(thread, change_of(old), order);
    return old;
  }

  std::vector<Store> stores_;
};

// Memory that only one thread may use at a time.
template <class T>
class Data {
 public:
  Data(T value = T()) : value_(value) { written(); }
  Data(const Data&) = delete;
  Data& operator=(const Data&) = delete;

  T read() const {
    Thread& thread = detail::self();
    auto me = static_cast<std::size_t>(detail::self_index());
    ++thread.clock.at[me];  // after whatever was released before
    if (write_ > thread.clock.at[writer_])
      detail::fail("a data race: read without having seen the write");
    reads_[me] = thread.clock.at[me];
    return value_;
  }
  void write(T value) {
    Thread& thread = detail::self();
    if (write_ > thread.clock.at[writer_]) detail::fail("a data race: two writes");
    for (std::size_t i = 0; i < threads_max; ++i) {
      if (reads_[i] > thread.clock.at[i]) detail::fail("a data race: written while another reads");
    }
    value_ = value;
    written();
  }

 private:
  void written() {
    writer_ = static_cast<std::size_t>(detail::self_index());
    write_ = ++detail::self().clock.at[writer_];
  }
  T value_;
  std::size_t writer_ = 0;
  std::uint32_t write_ = 0;
  mutable std::array<std::uint32_t, threads_max> reads_{};
};

// futex_wait: sleeps while the newest value is `expected`. timed: may also end by itself; false
// then.
template <class T>
bool wait(const Atomic<T>& word, T expected, bool timed = false) {
  Thread& thread = detail::step();
  if (word.newest() != expected) return true;
  detail::log("sleeps on", &word, static_cast<std::uint64_t>(expected));
  detail::sleep(&word, timed);
  return thread.woken;
}

// futex_wake.
template <class T>
void wake(const Atomic<T>& word, int count = 1) {
  detail::step();
  detail::log("wakes at", &word, static_cast<std::uint64_t>(count));
  detail::wake(&word, count);
}

// Explores Case(broken): broken 0 is the structure as it is, others are planted bugs.
template <class Case>
Result explore(int broken, const Limits& limits = {}) {
  class Wrapped final : public AnyCase {
   public:
    explicit Wrapped(int bug) : inner(bug) {}
    int thread_count() const override { return Case::threads; }
    void run(int thread) override { inner.run(thread); }
    void end() override { inner.end(); }
    Case inner;
  };
  class Maker final : public Factory {
   public:
    explicit Maker(int bug) : bug_(bug) {}
    std::unique_ptr<AnyCase> make() override { return std::make_unique<Wrapped>(bug_); }

   private:
    int bug_;
  } maker(broken);
  return explore(maker, limits);
}

}  // namespace heddle::models
