#include <heddle/futures/future_core.h>

#include <cstdio>
#include <mutex>
#include <string>

#include "core/cpu_count.h"
#include "core/futex.h"
#include "core/spin.h"
#include "futures/helping.h"

namespace heddle::futures {

using core::Kernel;

namespace {

const char* name_of(FutureCore::State state) noexcept {
  constexpr const char* names[] = {"PENDING", "RUNNING", "CANCELLED", "CANCELLED_AND_NOTIFIED",
                                   "FINISHED"};
  return names[static_cast<std::size_t>(state)];
}

void report(const std::exception_ptr& exception) noexcept {
  try {
    std::string text = "exception calling callback for <Future>:\n  " + describe(exception) + "\n";
    std::fputs(text.c_str(), stderr);
  } catch (...) {
    std::fputs("exception calling callback for <Future>: out of memory\n", stderr);
  }
}

// Spinning takes a CPU from those that work, which are what this thread waits for.
bool cpu_to_spare() noexcept {
  static const int cpus = core::cpu_count();
  return workers_awake() < cpus;
}

}  // namespace

// Orders of the state word: a change to a done phase is a release, each look an acquire, so whoever
// sees that the future is done sees its outcome. Changes to the other phases carry nothing with
// them and are relaxed, except become_owned(): acquire, since a thread that failed to store a value
// may have touched it before.

FutureCore::~FutureCore() {
  while (!callbacks_.empty()) {
    Callback& callback = callbacks_.front();
    callback.unlink();
    callback.dispose();
  }
}

FutureCore::State FutureCore::state() const noexcept {
  switch (state_.load(std::memory_order_acquire) & phase_mask) {
    case pending:
      return State::pending;
    case cancelled_:
      return State::cancelled;
    case notified:
      return State::cancelled_and_notified;
    case finished:
      return State::finished;
    default:
      return State::running;
  }
}

bool FutureCore::cancelled() const noexcept {
  std::uint32_t phase = state_.load(std::memory_order_acquire) & phase_mask;
  return phase == cancelled_ || phase == notified;
}

bool FutureCore::cancel() {
  Kernel::scheduling_point("future.cancel");
  SharedRef<FutureCore> keeps_alive(this);  // a callback may drop the last handle
  std::uint32_t word = state_.load(std::memory_order_relaxed);
  while ((word & phase_mask) == pending) {
    if (state_.compare_exchange_weak(word, cancelled_, std::memory_order_acq_rel,
                                     std::memory_order_acquire)) {
      publish(word);
      return true;
    }
  }
  return cancelled();
}

bool FutureCore::set_running_or_notify_cancel() {
  std::uint32_t word = state_.load(std::memory_order_relaxed);
  while (true) {
    std::uint32_t phase = word & phase_mask;
    if (phase != pending && phase != cancelled_)
      throw RuntimeError(std::string("Future in unexpected state: ") + name_of(state()));
    std::uint32_t wanted = phase == pending ? running : notified;
    if (state_.compare_exchange_weak(word, (word & ~phase_mask) | wanted,
                                     std::memory_order_relaxed))
      return phase == pending;
  }
}

FutureCore::Begin FutureCore::begin() noexcept {
  Kernel::scheduling_point("future.begin");
  std::uint32_t word = state_.load(std::memory_order_relaxed);
  while (true) {
    std::uint32_t phase = word & phase_mask;
    if (phase != pending && phase != cancelled_) return Begin::gone;
    std::uint32_t wanted = phase == pending ? owned : notified;
    if (state_.compare_exchange_weak(word, (word & ~phase_mask) | wanted, std::memory_order_acquire,
                                     std::memory_order_relaxed))
      return phase == pending ? Begin::begun : Begin::cancelled;
  }
}

void FutureCore::run() noexcept {
  finish_unless_done(std::make_exception_ptr(
      TypeError("this future has no call that could run here: only what submit() makes is a job")));
}

// The outcome

bool FutureCore::become_owned() noexcept {
  std::uint32_t word = state_.load(std::memory_order_relaxed);
  while ((word & phase_mask) < owned) {
    if (state_.compare_exchange_weak(word, (word & ~phase_mask) | owned, std::memory_order_acquire,
                                     std::memory_order_relaxed))
      return true;
  }
  return false;
}

void FutureCore::finish(std::exception_ptr exception, void (*store)(FutureCore&, void*),
                        void* argument) {
  if (store == nullptr && exception == nullptr)
    throw TypeError("exception must not be null: make one with std::make_exception_ptr()");
  SharedRef<FutureCore> keeps_alive(this);
  if (!become_owned())
    throw InvalidStateError(
        std::string(name_of(state())) +
        ": the future has its outcome already, or its executor will give it one");
  if (store != nullptr) {
    try {
      store(*this, argument);
    } catch (...) {
      // Nothing was stored: it runs on, and may get another outcome.
      std::uint32_t word = state_.load(std::memory_order_relaxed);
      while (!state_.compare_exchange_weak(word, (word & ~phase_mask) | running,
                                           std::memory_order_release, std::memory_order_relaxed)) {
      }
      throw;
    }
  }
  finish_begun(std::move(exception));
}

void FutureCore::finish_unless_done(std::exception_ptr exception) noexcept {
  SharedRef<FutureCore> keeps_alive(this);
  if (become_owned()) finish_begun(std::move(exception));
}

void FutureCore::finish_begun(std::exception_ptr exception) noexcept {
  Kernel::scheduling_point("future.finish");
  exception_ = std::move(exception);
  // acquire: with the flag has_callbacks come the callbacks that were added.
  std::uint32_t former = state_.exchange(finished, std::memory_order_acq_rel);
  publish(former);
}

// Tells those that wait for the outcome, which is there.
void FutureCore::publish(std::uint32_t former) noexcept {
  Kernel::scheduling_point("future.done");
  if ((former & slept_on) != 0) core::wake_all(state_);
  if ((former & has_callbacks) != 0) run_callbacks();
}

void FutureCore::take_once() {
  if ((state_.fetch_or(taken, std::memory_order_acq_rel) & taken) != 0) {
    throw InvalidStateError("Result was moved out: it cannot be copied, so only one may take it");
  }
}

// Waiting

bool FutureCore::wait(Nanoseconds limit) {
  if (done()) return true;
  if (limit <= 0) return false;
  if (limit == time_max && help(*this)) return true;
  return (cpu_to_spare() ? spin(limit) : step_aside(limit)) || sleep(limit);
}

bool FutureCore::spin(Nanoseconds limit) const noexcept {
  core::Spin& spin = core::Spin::of_thread();
  return limit > spin.limit() && spin.wait([this]() noexcept { return done(); });
}

// Workers have all CPUs, perhaps with work for this thread. It would cost them a wake-up to sleep,
// and a CPU to spin; so it lets them run for as long as the kernel gives them. Not with a limit,
// which may be shorter than that.
bool FutureCore::step_aside(Nanoseconds limit) const noexcept {
  if (limit != time_max || !Kernel::may_spin()) return false;
  for (int i = 0; i < 2; ++i) {
    Kernel::sched_yield();
    if (done()) return true;
  }
  return false;
}

bool FutureCore::sleep(Nanoseconds limit) noexcept {
  Nanoseconds deadline = core::deadline_after(limit);
  while (true) {
    // The flag is raised by the same operation that looks: whoever makes the future done later sees
    // it, as all changes of one word have one order.
    std::uint32_t word = state_.fetch_or(slept_on, std::memory_order_acquire) | slept_on;
    if (is_done(word)) return true;
    if (!core::wait_while_equal(state_, word, deadline)) return done();
  }
}

std::exception_ptr FutureCore::exception(Nanoseconds limit) {
  if (!wait(limit)) throw TimeoutError();
  if (cancelled()) throw CancelledError();
  return exception_;
}

void FutureCore::check_result(Nanoseconds limit) {
  if (!wait(limit)) throw TimeoutError();
  if (cancelled()) throw CancelledError();
  if (exception_) std::rethrow_exception(exception_);
}

// Callbacks. They lie in callbacks_ until they are called. A future becomes done without taking
// lock_; so who adds one looks again after raising the flag, in the same operation, and takes the
// callback back if the future is done: then either the flag or the end was first, and exactly one
// side calls.

bool FutureCore::add_unless_done(Callback& callback) noexcept {
  if (done()) return false;
  std::lock_guard lock(lock_);
  callbacks_.push_back(callback);
  Kernel::scheduling_point("future.adds_callback");
  // release: the one that sees the flag sees the callback; acquire: this one sees the outcome.
  if (!is_done(state_.fetch_or(has_callbacks, std::memory_order_acq_rel))) return true;
  callback.unlink();
  return false;
}

void FutureCore::add_callback(std::unique_ptr<Callback> callback) {
  Callback* added = callback.get();
  if (add_unless_done(*added)) {
    callback.release();
    return;
  }
  SharedRef<FutureCore> keeps_alive(this);
  try {
    added->call(*this);
  } catch (...) {
    report(std::current_exception());
  }
  callback.release()->dispose();
}

bool FutureCore::remove_callback(Callback& callback) noexcept {
  std::lock_guard lock(lock_);
  if (!callback.linked()) return false;
  callback.unlink();
  return true;
}

// Callbacks run without the lock, so that they may use the future.
void FutureCore::run_callbacks() noexcept {
  while (true) {
    Callback* callback = nullptr;
    {
      std::lock_guard lock(lock_);
      if (callbacks_.empty()) return;
      callback = &callbacks_.front();
      callback->unlink();
    }
    try {
      callback->call(*this);
    } catch (...) {
      report(std::current_exception());
    }
    callback->dispose();
  }
}

}  // namespace heddle::futures
