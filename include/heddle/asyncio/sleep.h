// sleep: suspends the current task for a time.
#pragma once

#include <heddle/asyncio/event_loop.h>
#include <heddle/asyncio/wait_list.h>

#include <algorithm>
#include <utility>

namespace heddle::asyncio {

namespace detail {

// The untyped part of a sleep. Small, since there may be a million: when it is due, its task is
// queued in its place.
class SleepParking : public Parking, private TimerPlace {
 public:
  explicit SleepParking(Delay delay) noexcept {
    keep(std::max<Nanoseconds>(delay.nanoseconds(), 0));
  }
  // A sleep that has not begun may move, so that create_task() and gather() can take it.
  SleepParking(SleepParking&& other) noexcept {
    keep(other.kept());
    other.keep(moved_from);
  }
  bool await_ready() const noexcept { return false; }
  template <class P>
  void await_suspend(std::coroutine_handle<P> handle) {
    suspend(handle.promise());
  }

 protected:
  ~SleepParking() override {
    if (parked()) abandon();
  }
  void suspend(heddle::detail::Frame& frame);
  void wake_up() { confirm(); }

 private:
  friend class Timer;
  friend class TimerHeap;
  static constexpr Nanoseconds moved_from = -1;
  [[gnu::noinline]] void set_timer(heddle::detail::Frame& frame);
  void abandon() noexcept override;
};

template <class T>
class [[nodiscard("co_await it")]] Sleep final : public SleepParking {
 public:
  Sleep(Sleep&&) = default;
  Sleep(Delay delay, T result) : SleepParking(delay), result_(std::move(result)) {}
  T await_resume() {
    wake_up();
    return std::move(result_);
  }

 private:
  T result_;
};

template <>
class [[nodiscard("co_await it")]] Sleep<void> final : public SleepParking {
 public:
  using SleepParking::SleepParking;
  void await_resume() { wake_up(); }
};

}  // namespace detail

// Suspends for at least `delay`; zero or less: for one turn of the loop, without a timer. One of
// 100 ms or more may take a millisecond longer, so that many can share a wake-up; in Python any
// may. Other tasks run meanwhile. Serves one await. Throws ValueError for a delay of NaN seconds.
// Cancelled: throws CancelledError, its timer is gone. Source:
// https://docs.python.org/3/library/asyncio-task.html#asyncio.sleep
inline detail::Sleep<void> sleep(Delay delay) noexcept { return detail::Sleep<void>(delay); }

// As sleep(delay); the await gives `result`.
template <class T>
detail::Sleep<T> sleep(Delay delay, T result) {
  return detail::Sleep<T>(delay, std::move(result));
}

}  // namespace heddle::asyncio
