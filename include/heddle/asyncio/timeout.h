// timeout, timeout_at: bound the time that a block may take.
//
//     co_await asyncio::with(asyncio::timeout(10s), [&](asyncio::Timeout& limit) ->
//     asyncio::Coro<void> {
//       co_await connect();
//       limit.reschedule(loop.time() + 5'000'000'000);   // five more seconds from now
//       co_await talk();
//     });
//
// When the deadline passes, the task inside is cancelled; at the end of the block that
// CancelledError becomes a TimeoutError. Only its own cancellation is converted: one from elsewhere
// goes on as it is, and nested timeouts do not mix. One loop only. Source:
// https://docs.python.org/3/library/asyncio-task.html#asyncio.timeout
#pragma once

#include <heddle/asyncio/coroutine.h>
#include <heddle/asyncio/event_loop.h>
#include <heddle/asyncio/task.h>

#include <optional>

namespace heddle::asyncio {

class Timeout {
 public:
  // when: a time of the loop's clock in nanoseconds; none: no limit until reschedule().
  explicit Timeout(std::optional<Nanoseconds> when) noexcept : when_(when) {}
  Timeout(Timeout&& other) noexcept  // before it is entered
      : when_(other.when_), state_(other.state_), lies_ahead_(other.lies_ahead_) {}

  // The deadline, if there is one. One of 100 ms and more may be met about a millisecond late.
  std::optional<Nanoseconds> when() const noexcept { return when_; }
  // Moves the deadline; none: no limit. A time in the past cancels the block at its next await.
  // Throws RuntimeError unless the block is running.
  void reschedule(std::optional<Nanoseconds> when);
  // True once the deadline passed while the block ran.
  bool expired() const noexcept { return state_ == State::expiring || state_ == State::expired; }

  // For with(). Throws RuntimeError when entered twice, or outside of a task.
  Timeout& enter();
  Coro<Timeout&> aenter();
  Coro<bool> aexit(std::exception_ptr failure);
  bool exit(const std::exception_ptr& failure);

 protected:
  friend Timeout timeout(Delay delay);
  // As enter(), with a limit of `delay` from now, more than 0.
  void enter_for(Nanoseconds delay);
  // Leaves when the deadline has not passed; else false, and leave() has to be called.
  bool leave_in_time() noexcept {
    alarm_.disarm();
    if (state_ != State::active) return false;
    state_ = State::finished;
    return true;
  }
  // What aexit() does: true when `failure` is this timeout's own cancellation.
  bool leave(const std::exception_ptr& failure);
  Ref<TaskCore>& task() noexcept { return task_; }

 private:
  enum class State : unsigned char { created, active, expiring, expired, finished };
  // The deadline, in the loop's timers or its ready queue.
  class Alarm final : public detail::TimerNode {
   public:
    explicit Alarm(Timeout& timeout) noexcept : timeout_(timeout) {}
    void run() override { timeout_.expire(); }

   private:
    Timeout& timeout_;
  };
  static const char* name_of(State state) noexcept;
  void begin();
  void expire();
  void set_alarm();

  std::optional<Nanoseconds> when_;
  State state_ = State::created;
  bool lies_ahead_ = false;  // when_ was after the time that it was made at
  Alarm alarm_{*this};
  Ref<TaskCore> task_;
  std::uint32_t cancelling_before_ = 0;
  std::uint32_t shields_before_ = 0;
};

// A limit of `delay` from now. The block then throws TimeoutError.
// Throws RuntimeError "no running event loop", ValueError for NaN.
Timeout timeout(Delay delay);
// No limit, until reschedule().
inline Timeout timeout(std::nullopt_t) { return Timeout(std::nullopt); }
// A limit at a time of the loop's clock, in nanoseconds.
inline Timeout timeout_at(std::optional<Nanoseconds> when) { return Timeout(when); }

}  // namespace heddle::asyncio
