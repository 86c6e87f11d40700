#include <heddle/core/error.h>
#include <heddle/queue/detail/queue_core.h>
#include <heddle/queue/errors.h>

#include <algorithm>
#include <utility>

#include "core/futex.h"
#include "core/kernel.h"
#include "queue/queue_state.h"
#include "queue/sleep.h"

namespace heddle::queue::detail {

namespace {

// acquire: with the position comes what was put or cleared before it moved.
bool look(QueueEnd& end) noexcept {
  end.limit = end.other->position.load(std::memory_order_acquire) + end.ahead;
  return end.moved < end.limit;
}

bool may_go(QueueEnd& end) noexcept { return end.moved < end.limit || look(end); }

// For an end that had moved so far, and whose gate was left since. True when there is something to
// do, or was; if not, the next move of the other end wakes somebody here.
bool may_go_or_alarm(QueueEnd& end, std::uint64_t moved) noexcept {
  QueueEnd& other = *end.other;
  other.gate->enter();
  bool may_go = moved < other.moved + end.ahead;
  if (!may_go) other.alarm = true;
  other.gate->leave();
  return may_go;
}

// The position moves. release: with it goes the item, or the place that is free.
void move(QueueEnd& end, std::uint64_t count) noexcept {
  end.moved += count;
  end.position.store(end.moved, std::memory_order_release);
}

// Bit 0 of QueueState::done.
constexpr std::uint64_t armed = 1;
constexpr std::uint64_t items(std::uint64_t done) { return done / 2; }

}  // namespace

QueueCore::QueueCore(std::ptrdiff_t maxsize, Locks locks) : state_(new QueueState) {
  QueueEnd &putters = state_->putters, &getters = state_->getters;
  constexpr std::uint64_t without_bound = std::uint64_t{1} << 62;
  state_->maxsize = maxsize;
  putters.is_put = true;
  putters.gate = &putters.own_gate;
  putters.other = &getters;
  putters.ahead = maxsize > 0 ? static_cast<std::uint64_t>(maxsize) : without_bound;
  putters.limit = putters.ahead;
  getters.gate = locks == Locks::one ? putters.gate : &getters.own_gate;
  getters.other = &putters;
}

QueueCore::~QueueCore() = default;

QueueCore::Passage::Passage(QueueCore& core, Side side, const Wait& wait)
    : state_(*core.state_), end_(side == Side::put ? &state_.putters : &state_.getters) {
  core::Kernel::scheduling_point(end_->is_put ? "queue.put" : "queue.get");
  end_->gate->enter();
  // relaxed: it changes under this lock.
  bool open = !end_->is_put || !state_.closed.load(std::memory_order_relaxed);
  if (open && !wait.timeout && may_go(*end_)) [[likely]]
    return;
  try {
    wait_for_turn(wait);
  } catch (...) {
    leave(false);
    throw;
  }
}

// In the order in which Python asks its questions.
void QueueCore::Passage::wait_for_turn(const Wait& wait) {
  bool bounded = !end_->is_put || state_.maxsize > 0;
  if (ended(wait)) return;
  Nanoseconds deadline = time_max;
  if (bounded && wait.block && wait.timeout) {
    if (wait.timeout->nanoseconds() < 0)
      throw ValueError("'timeout' must be a non-negative number");
    if (may_go(*end_)) return;
    deadline = core::deadline_after(wait.timeout->nanoseconds());
  }
  bool in_time = wait.block && !(wait.timeout && wait.timeout->nanoseconds() == 0);
  while (!may_go(*end_)) {
    if (!in_time) {
      if (end_->is_put) throw Full();
      throw Empty();
    }
    in_time = sleep(wait, deadline);
    if (ended(wait)) return;
    if (wait.stop != nullptr && wait.stop->stop_requested() && !may_go(*end_))
      throw CancelledError();
  }
}

// Whether the queue is shut down and has nothing for this end. Throws ShutDown where that is an
// error.
bool QueueCore::Passage::ended(const Wait& wait) {
  // relaxed: it changes under this lock. Getters first take what is left.
  at_end_ = state_.closed.load(std::memory_order_relaxed) && (end_->is_put || !may_go(*end_));
  if (at_end_ && wait.end_is_error) throw ShutDown();
  return at_end_;
}

// Gives the lock up until there may be something to do. False when the deadline passed.
bool QueueCore::Passage::sleep(const Wait& wait, Nanoseconds deadline) {
  QueueEnd& end = *end_;
  std::uint64_t moved = end.moved;
  Pace pace = end.pace;
  end.gate->leave();
  int looks = 0;
  bool found = Pace::look(
      end.spin, pace,
      [&] { return moved < end.other->position.load(std::memory_order_relaxed) + end.ahead; },
      looks);
  if (found) {
    end.gate->enter();
    end.pace.learn(looks);
    return true;
  }
  std::stop_callback wake_up(wait.stop != nullptr ? *wait.stop : std::stop_token(),
                             [&end] { raise(end.signal, everybody); });
  end.gate->enter();
  // Before the last look: what happens after that changes it. acquire: a shutdown and a stop raise
  // it after they have set what they are seen by.
  std::uint32_t seen = end.signal.load(std::memory_order_acquire);
  bool stopped = wait.stop != nullptr && wait.stop->stop_requested();
  if (stopped || state_.closed.load(std::memory_order_relaxed)) return true;
  moved = end.moved;
  ++end.asleep;
  slept_ = true;
  end.gate->leave();
  bool in_time = may_go_or_alarm(end, moved) || core::wait_while_equal(end.signal, seen, deadline);
  end.gate->enter();
  --end.asleep;
  return in_time;
}

void QueueCore::Passage::leave(bool passed) noexcept {
  QueueEnd& end = *std::exchange(end_, nullptr);
  if (passed) move(end, 1);
  std::uint64_t moved = end.moved;
  bool wake_other = passed && std::exchange(end.alarm, false);
  bool owes = slept_ && end.asleep > 0;
  end.gate->leave();
  if (wake_other) raise(end.other->signal, 1);
  if (owes && may_go_or_alarm(end, moved)) raise(end.signal, 1);
}

QueueCore::Closing::Closing(QueueCore& core) noexcept : state_(*core.state_) {
  core::Kernel::scheduling_point("queue.shutdown");
  state_.putters.gate->enter();
  if (state_.getters.gate != state_.putters.gate) state_.getters.gate->enter();
  // release: who sees it without a lock sees the last item too.
  state_.closed.store(true, std::memory_order_release);
}

void QueueCore::Closing::dropped_items() noexcept {
  QueueEnd &putters = state_.putters, &getters = state_.getters;
  std::uint64_t dropped = putters.moved - getters.moved;
  move(getters, dropped);
  // Not beyond what was put: task_done() may have been called for items that nobody took.
  std::uint64_t done = state_.done.load(std::memory_order_relaxed), wanted = 0;
  do {
    wanted = std::min(items(done) + dropped, putters.moved) * 2;
  } while (!state_.done.compare_exchange_weak(done, wanted, std::memory_order_acq_rel,
                                              std::memory_order_relaxed));
  raise(state_.joiners, everybody);
}

QueueCore::Closing::~Closing() {
  if (state_.getters.gate != state_.putters.gate) state_.getters.gate->leave();
  state_.putters.gate->leave();
  raise(state_.putters.signal, everybody);
  raise(state_.getters.signal, everybody);
}

std::ptrdiff_t QueueCore::maxsize() const noexcept { return state_->maxsize; }

std::size_t QueueCore::size() const noexcept {
  // Both positions at one moment: the getters' one is the same before and after.
  std::uint64_t taken = state_->getters.position.load(std::memory_order_acquire);
  for (;;) {
    std::uint64_t put = state_->putters.position.load(std::memory_order_acquire);
    std::uint64_t again = state_->getters.position.load(std::memory_order_acquire);
    if (again == taken) return put - taken;
    taken = again;
  }
}

bool QueueCore::full() const noexcept {
  return state_->maxsize > 0 && size() >= static_cast<std::size_t>(state_->maxsize);
}

bool QueueCore::is_shutdown() const noexcept {
  return state_->closed.load(std::memory_order_acquire);
}

std::size_t QueueCore::unfinished() const noexcept {
  std::uint64_t done = items(state_->done.load(std::memory_order_acquire));
  return state_->putters.position.load(std::memory_order_acquire) - done;
}

void QueueCore::task_done() {
  core::Kernel::scheduling_point("queue.task_done");
  std::uint64_t done = state_->done.load(std::memory_order_relaxed), put = 0;
  do {
    put = state_->putters.position.load(std::memory_order_acquire);
    if (items(done) >= put)
      throw ValueError(
          "task_done() called too many times: call it once for each item that get() gave");
    // The armed bit goes with the last one. release: what was done with the item is visible to
    // whoever join() returns to; acquire keeps the calls in one chain.
  } while (!state_->done.compare_exchange_weak(done, items(done) + 1 == put ? put * 2 : done + 2,
                                               std::memory_order_acq_rel,
                                               std::memory_order_relaxed));
  if ((done & armed) && items(done) + 1 == put) raise(state_->joiners, everybody);
}

// True when everything is done; false at the timeout.
bool QueueCore::join(const Wait& wait) {
  core::Kernel::scheduling_point("queue.join");
  QueueState& state = *state_;
  Nanoseconds deadline =
      wait.timeout ? core::deadline_after(wait.timeout->nanoseconds()) : time_max;
  std::stop_callback wake_up(wait.stop != nullptr ? *wait.stop : std::stop_token(),
                             [&state] { raise(state.joiners, everybody); });
  for (bool in_time = true;;) {
    std::uint32_t seen = state.joiners.load(std::memory_order_acquire);
    std::uint64_t done = state.done.fetch_or(armed, std::memory_order_acquire);
    // Later than `done`, which never passes it: if they are equal, they were so at this moment.
    if (items(done) == state.putters.position.load(std::memory_order_acquire)) return true;
    if (wait.stop != nullptr && wait.stop->stop_requested()) throw CancelledError();
    if (!in_time) return false;
    in_time = core::wait_while_equal(state.joiners, seen, deadline);
  }
}

}  // namespace heddle::queue::detail
