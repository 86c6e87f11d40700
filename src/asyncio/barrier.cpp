#include <heddle/asyncio/barrier.h>

namespace heddle::asyncio {

Barrier::Barrier(std::ptrdiff_t parties) : parties_(static_cast<std::size_t>(parties)) {
  if (parties < 1) throw ValueError("parties must be >= 1");
}

Coro<std::size_t> Barrier::wait() {
  detail::SeesCancellation sees;
  auto held = co_await changed_.hold();
  auto may_enter = [this] { return state_ != State::draining && state_ != State::resetting; };
  co_await changed_.wait_for(may_enter);
  if (state_ == State::broken) throw BrokenBarrierError("Barrier aborted");
  std::size_t index = count_++;
  std::exception_ptr failure;
  try {
    if (index + 1 == parties_) {
      state_ = State::draining;
      changed_.notify_all();
    } else {
      co_await wait_for_others();
    }
  } catch (...) {
    failure = std::current_exception();
  }
  --count_;
  leave();
  if (failure) std::rethrow_exception(failure);
  co_return index;
}

Coro<void> Barrier::wait_for_others() {
  auto over = [this] { return state_ != State::filling; };
  co_await changed_.wait_for(over);
  if (state_ == State::broken || state_ == State::resetting)
    throw BrokenBarrierError("Abort or reset of barrier");
}

// The last one out opens it for the next round.
void Barrier::leave() {
  if (count_ != 0) return;
  if (state_ == State::resetting || state_ == State::draining) state_ = State::filling;
  changed_.notify_all();
}

Coro<void> Barrier::reset() {
  auto held = co_await changed_.hold();
  state_ = count_ > 0 ? State::resetting : State::filling;
  changed_.notify_all();
}

Coro<void> Barrier::abort() {
  auto held = co_await changed_.hold();
  state_ = State::broken;
  changed_.notify_all();
}

}  // namespace heddle::asyncio
