#include <heddle/futures/future.h>
#include <heddle/threading/lock.h>

#include <atomic>
#include <cstdio>
#include <mutex>
#include <vector>

#include "core/futex.h"

namespace heddle::futures {

struct FutureCore::Body {
  threading::Lock mutex;  // of everything but reading `state`
  std::atomic<std::uint32_t> state{static_cast<std::uint32_t>(State::pending)};
  std::exception_ptr exception;
  std::vector<std::unique_ptr<Callback>> callbacks;
  bool taken = false;

  void become(State next) noexcept {
    // release: who sees the state sees the outcome.
    state.store(static_cast<std::uint32_t>(next), std::memory_order_release);
  }
};

namespace {

bool is_done(FutureCore::State state) noexcept {
  return state != FutureCore::State::pending && state != FutureCore::State::running;
}

const char* name_of(FutureCore::State state) noexcept {
  constexpr const char* names[] = {"PENDING", "RUNNING", "CANCELLED", "CANCELLED_AND_NOTIFIED",
                                   "FINISHED"};
  return names[static_cast<std::size_t>(state)];
}

}  // namespace

FutureCore::FutureCore() : body_(std::make_unique<Body>()) {}
FutureCore::~FutureCore() = default;

FutureCore::State FutureCore::state() const noexcept {
  return static_cast<State>(body_->state.load(std::memory_order_acquire));
}

bool FutureCore::done() const noexcept { return is_done(state()); }

bool FutureCore::cancelled() const noexcept {
  State now = state();
  return now == State::cancelled || now == State::cancelled_and_notified;
}

bool FutureCore::cancel() {
  {
    std::lock_guard lock(body_->mutex);
    State now = state();
    if (now == State::running || now == State::finished) return false;
    if (now != State::pending) return true;
    body_->become(State::cancelled);
  }
  core::wake_all(body_->state);
  run_callbacks();
  return true;
}

bool FutureCore::set_running_or_notify_cancel() {
  std::lock_guard lock(body_->mutex);
  switch (state()) {
    case State::pending:
      body_->become(State::running);
      return true;
    case State::cancelled:
      body_->become(State::cancelled_and_notified);
      return false;
    default:
      throw RuntimeError(std::string("Future in unexpected state: ") + name_of(state()));
  }
}

bool FutureCore::wait(Nanoseconds limit) {
  Nanoseconds deadline = core::deadline_after(limit);
  for (State now = state(); !is_done(now); now = state()) {
    if (!core::wait_while_equal(body_->state, static_cast<std::uint32_t>(now), deadline))
      return false;
  }
  return true;
}

std::exception_ptr FutureCore::exception(Nanoseconds limit) {
  if (!wait(limit)) throw TimeoutError();
  if (cancelled()) throw CancelledError();
  return body_->exception;
}

void FutureCore::check_result(Nanoseconds limit) {
  std::exception_ptr failure = exception(limit);
  if (failure) std::rethrow_exception(std::move(failure));
}

void FutureCore::take_once() {
  std::lock_guard lock(body_->mutex);
  if (std::exchange(body_->taken, true)) {
    throw InvalidStateError("Result was moved out: it cannot be copied, so only one may take it");
  }
}

void FutureCore::finish(std::exception_ptr exception, void (*store)(FutureCore&, void*),
                        void* argument) {
  {
    std::lock_guard lock(body_->mutex);
    if (is_done(state()))
      throw InvalidStateError(std::string(name_of(state())) +
                              ": the future has its outcome already");
    if (store != nullptr) store(*this, argument);
    body_->exception = std::move(exception);
    body_->become(State::finished);
  }
  core::wake_all(body_->state);
  run_callbacks();
}

void FutureCore::finish_unless_done(std::exception_ptr exception) noexcept {
  try {
    if (!done()) finish(std::move(exception), nullptr, nullptr);
  } catch (const InvalidStateError&) {
    // Somebody was faster: that outcome stays.
  }
}

void FutureCore::add_callback(std::unique_ptr<Callback> callback) {
  {
    std::lock_guard lock(body_->mutex);
    if (!is_done(state())) {
      body_->callbacks.push_back(std::move(callback));
      return;
    }
    body_->callbacks.push_back(std::move(callback));
  }
  run_callbacks();
}

// Callbacks run without the lock, so that they may use the future.
void FutureCore::run_callbacks() noexcept {
  std::shared_ptr<FutureCore> self = shared_from_this();
  while (true) {
    std::unique_ptr<Callback> next;
    {
      std::lock_guard lock(body_->mutex);
      if (body_->callbacks.empty()) return;
      next = std::move(body_->callbacks.front());
      body_->callbacks.erase(body_->callbacks.begin());
    }
    try {
      next->call(self);
    } catch (...) {
      std::string text = "exception calling callback for <Future>:\n  " +
                         describe(std::current_exception()) + "\n";
      std::fputs(text.c_str(), stderr);
    }
  }
}

}  // namespace heddle::futures
