// sleep: suspends the current task for a time.
#pragma once

#include <heddle/asyncio/coroutine.h>
#include <heddle/core/delay.h>

#include <algorithm>
#include <utility>

namespace heddle::asyncio {

namespace detail {

// The untyped part of a sleep: how long. All else is in the task, which sleeps once at a time: its
// place in the timer heap, and that a cancellation ended the sleep. So a sleep is one word, of
// which there may be a million, and has nothing to do when its coroutine is destroyed.
class SleepAwaiter : public CoroutineLike {
 public:
  explicit SleepAwaiter(Delay delay) noexcept
      : delay_(std::max<Nanoseconds>(delay.nanoseconds(), 0)) {}
  // A sleep that has not begun may move, so that create_task() and gather() can take it.
  SleepAwaiter(SleepAwaiter&& other) noexcept : delay_(std::exchange(other.delay_, used)) {}
  bool await_ready() const noexcept { return false; }
  template <class P>
  void await_suspend(std::coroutine_handle<P> handle) {
    Nanoseconds delay = std::exchange(delay_, used);
    if (delay == 0) return yield(handle.promise());
    suspend(handle.promise(), delay);
  }

 protected:
  // Throws CancelledError if the task was cancelled meanwhile.
  static void wake_up() {
    if (heddle::detail::thread_state.interrupted) [[unlikely]]
      confirm();
  }

 private:
  static constexpr Nanoseconds used = -1;  // awaited, or moved from, as g++ does to await it
  static void yield(heddle::detail::Frame& frame) noexcept;
  static void suspend(heddle::detail::Frame& frame, Nanoseconds delay);
  static void confirm();

  Nanoseconds delay_;
};

template <class T>
class [[nodiscard("co_await it")]] Sleep final : public SleepAwaiter {
 public:
  Sleep(Sleep&&) = default;
  Sleep(Delay delay, T result) : SleepAwaiter(delay), result_(std::move(result)) {}
  T await_resume() {
    wake_up();
    return std::move(result_);
  }

 private:
  T result_;
};

template <>
class [[nodiscard("co_await it")]] Sleep<void> final : public SleepAwaiter {
 public:
  using SleepAwaiter::SleepAwaiter;
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
