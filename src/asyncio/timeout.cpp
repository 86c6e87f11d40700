#include <heddle/asyncio/timeout.h>

#include "asyncio/exception_kind.h"
#include "asyncio/loop_core.h"

namespace heddle::asyncio {

Timeout timeout(Delay delay) {
  return Timeout(saturating_add(get_running_loop().time(), delay.nanoseconds()));
}

Timeout::~Timeout() { alarm_.cancel(); }

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
  alarm_.cancel();
  alarm_ = Handle();
  if (!when) return;
  EventLoop loop = get_running_loop();
  if (*when <= loop.time()) {
    alarm_ = loop.call_soon([this] { expire(); });
  } else {
    alarm_ = loop.call_at(*when, [this] { expire(); });
  }
}

void Timeout::enter() {
  if (state_ != State::created) throw RuntimeError("Timeout has already been entered");
  task_ = current_task();
  if (!task_) throw RuntimeError("Timeout should be used inside a task");
  cancelling_before_ = task_.cancelling();
  shields_before_ = task_.task().shields();
  state_ = State::active;
  reschedule(when_);
}

Coro<Timeout&> Timeout::aenter() {
  enter();
  co_return *this;
}

void Timeout::expire() {
  task_.task().cancel_below(shields_before_, {});
  state_ = State::expiring;
  alarm_ = Handle();  // also drops the reference to this callback
}

bool Timeout::leave(const std::exception_ptr& failure) {
  alarm_.cancel();
  if (state_ == State::active) {
    state_ = State::finished;
    return false;
  }
  state_ = State::expired;
  // More requests than at the entry: somebody else cancelled too, and that wins.
  bool ours = task_.uncancel() <= cancelling_before_;
  return ours && detail::is_exactly<CancelledError>(failure);
}

Coro<bool> Timeout::aexit(std::exception_ptr failure) { co_return exit(failure); }

bool Timeout::exit(const std::exception_ptr& failure) {
  bool convert = leave(failure);
  task_ = AnyTask();
  if (convert) throw TimeoutError();
  return false;
}

}  // namespace heddle::asyncio
