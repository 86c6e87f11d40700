// Semaphore: a number of permits; who finds none waits.
//
//     threading::Semaphore places(3);
//     places.acquire();
//     ...
//     places.release();
//
// Waiters are woken in the order in which they came; a thread that comes may overtake one that was
// just woken. A permit that is there is never left while somebody waits. Trivially destroyed.
// Thread-safe. Source: https://docs.python.org/3/library/threading.html#semaphore-objects
#pragma once

#include <heddle/threading/wait_queue.h>

namespace heddle::threading {

class Semaphore {
 public:
  // value: the permits at first. Throws ValueError for a negative one.
  explicit Semaphore(std::int64_t value = 1);
  Semaphore(const Semaphore&) = delete;  // waiting threads point at it
  Semaphore& operator=(const Semaphore&) = delete;

  // Waits for a permit and takes it: true. With blocking false: false when there is none.
  bool acquire(bool blocking = true) noexcept;
  // As acquire(), for at most `timeout` (negative: as 0): false when it passed. Throws ValueError
  // for a timeout together with blocking false.
  bool acquire(bool blocking, Delay timeout);
  bool acquire(Delay timeout) { return acquire(true, timeout); }

  // Adds n permits, which wake as many waiters. Throws ValueError "n must be one or more".
  void release(std::int64_t n = 1) { add(n, max()); }

  // The names of std::counting_semaphore.
  bool try_acquire() noexcept { return acquire(false); }
  bool try_acquire_for(Delay timeout) { return acquire(true, timeout); }
  template <class PointClock, class Duration>
  bool try_acquire_until(std::chrono::time_point<PointClock, Duration> point) {
    return acquire(true, Delay::until(point));
  }
  static constexpr std::int64_t max() noexcept { return INT64_MAX / 2; }

  // The permits there are, at this moment.
  std::int64_t value() const noexcept { return word_.load(std::memory_order_relaxed) / 2; }

 protected:
  // Throws ValueError when there would be more than `most`.
  void add(std::int64_t n, std::int64_t most);

 private:
  bool take() noexcept;
  bool acquire_slowly(Nanoseconds deadline) noexcept;
  void add_slowly(std::int64_t n, std::int64_t most);

  std::atomic<std::int64_t> word_;  // twice the permits, plus 1 while threads may stand in line
  WaitQueue waiters_;
};

// A Semaphore that never has more permits than at first: one release() too many is named.
class BoundedSemaphore : public Semaphore {
 public:
  explicit BoundedSemaphore(std::int64_t value = 1) : Semaphore(value), most_(value) {}

  // As of Semaphore. Throws ValueError "Semaphore released too many times" and adds nothing.
  void release(std::int64_t n = 1) { add(n, most_); }

 private:
  std::int64_t most_;
};

}  // namespace heddle::threading
