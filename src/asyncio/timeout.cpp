#include <heddle/asyncio/timeout.h>

#include "asyncio/exception_kind.h"
#include "asyncio/loop_core.h"

namespace heddle::asyncio {

Timeout timeout(Delay delay) {
  LoopCore& loop = detail::running_loop_core();
  Timeout timeout(saturating_add(loop.read_clock(), delay.nanoseconds()));
  timeout.lies_ahead_ = delay.nanoseconds() > 0;
  return timeout;
}

const char* Timeout::name_of(State state) noexcept {
  switch (state) {
    case State::created:
      return "created";
    case State::active:
      return "active";
    case State::expiring:
      return "expiring";
    case State::expired:
      return "expired";
    case State::finished:
      return "finished";
  }
  return "";
}

void Timeout::reschedule(std::optional<Nanoseconds> when) {
  if (state_ == State::created) throw RuntimeError("Timeout has not been entered");
  if (state_ != State::active) {
    throw RuntimeError(std::string("Cannot change state of ") + name_of(state_) + " Timeout");
  }
  when_ = when;
  lies_ahead_ = false;
  alarm_.disarm();
  set_alarm();
}

void Timeout::set_alarm() {
  if (!when_) return;
  LoopCore& loop = task_->loop();
  loop.require_own_thread();
  if (!lies_ahead_ && *when_ <= loop.read_clock()) {
    loop.push(alarm_);
  } else {
    loop.arm(alarm_, *when_);
  }
}

inline void Timeout::begin() {
  TaskCore* task = heddle::detail::thread_state.task;
  if (task == nullptr) throw RuntimeError("Timeout should be used inside a task");
  task_ = Ref<TaskCore>(task);
  cancelling_before_ = task->cancelling();
  shields_before_ = task->shields();
  state_ = State::active;
}

Timeout& Timeout::enter() {
  if (state_ != State::created) throw RuntimeError("Timeout has already been entered");
  detail::running_loop_core();
  begin();
  set_alarm();
  return *this;
}

void Timeout::enter_for(Nanoseconds delay) {
  LoopCore& loop = detail::running_loop_core();
  when_ = saturating_add(loop.read_clock(), delay);
  loop.arm(alarm_, *when_);
  begin();  // last: what has thrown was not entered
}

Coro<Timeout&> Timeout::aenter() { co_return enter(); }

void Timeout::expire() {
  task_->cancel_below(shields_before_, {});
  state_ = State::expiring;
}

bool Timeout::leave(const std::exception_ptr& failure) {
  if (leave_in_time()) return false;
  state_ = State::expired;
  // More requests than at the entry: somebody else cancelled too, and that wins.
  bool ours = task_->uncancel() <= cancelling_before_;
  return ours && detail::is_exactly<CancelledError>(failure);
}

Coro<bool> Timeout::aexit(std::exception_ptr failure) { co_return exit(failure); }

bool Timeout::exit(const std::exception_ptr& failure) {
  bool convert = leave(failure);
  task_ = {};
  if (convert) throw TimeoutError();
  return false;
}

}  // namespace heddle::asyncio
