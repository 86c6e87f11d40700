// sleep: suspends the current task for a time.
#pragma once

#include <heddle/asyncio/event_loop.h>
#include <heddle/asyncio/wait_list.h>

#include <utility>

namespace heddle::asyncio {

namespace detail {

// The untyped part of a sleep.
class SleepParking : public Parking, private TimerNode {
 public:
  explicit SleepParking(Delay delay) noexcept : delay_(delay.nanoseconds()) {}
  // A sleep that has not begun may move, so that create_task() and gather() can take it.
  SleepParking(SleepParking&& other) noexcept : delay_(other.delay_) {}
  bool await_ready() const noexcept { return false; }
  template <class P>
  void await_suspend(std::coroutine_handle<P> handle) {
    suspend(handle.promise());
  }

 protected:
  void suspend(heddle::detail::Frame& frame);
  void wake_up() { confirm(); }

 private:
  [[gnu::noinline]] void set_timer(heddle::detail::Frame& frame);
  void run() override { wake(); }
  void abandon() noexcept override { disarm(); }
  std::uint64_t trace_id() const noexcept override { return 2; }

  Nanoseconds delay_;
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

// Suspends for at least `delay`; zero or less: for one turn of the loop, without a timer. Other
// tasks run meanwhile. Throws ValueError for a delay of NaN seconds. Cancelled: throws
// CancelledError, its timer is gone. Source:
// https://docs.python.org/3/library/asyncio-task.html#asyncio.sleep
inline detail::Sleep<void> sleep(Delay delay) noexcept { return detail::Sleep<void>(delay); }

// As sleep(delay); the await gives `result`.
template <class T>
detail::Sleep<T> sleep(Delay delay, T result) {
  return detail::Sleep<T>(delay, std::move(result));
}

}  // namespace heddle::asyncio
