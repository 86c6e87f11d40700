#include <heddle/core/error.h>
#include <heddle/queue/detail/simple_core.h>
#include <heddle/queue/errors.h>
#include <heddle/threading/lock.h>

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <utility>

#include "core/futex.h"
#include "core/kernel.h"
#include "core/spin.h"
#include "queue/sleep.h"

namespace heddle::queue::detail {

// Putters push onto a stack, the inbox. Getters, one at a time, take all of it, turn it round, and
// serve from that. Nobody pops single nodes off the inbox, so a node cannot come back while a
// putter still holds it for the top.
//
// Bit 0 of the inbox: a getter sleeps, or is about to. A push clears it by the same step that
// publishes the node, and wakes one. The debt of those that have slept is as in queue_state.h.
struct SimpleState {
  static constexpr std::uintptr_t armed = 1;
  static SimpleNode* nodes(std::uintptr_t inbox) noexcept {
    return reinterpret_cast<SimpleNode*>(inbox & ~armed);
  }

  // Putters.
  std::atomic<std::uintptr_t> inbox{0};
  std::atomic<std::uint64_t> put{0};
  std::atomic<std::uint32_t> signal{0};

  // Getters; under the lock, but for taken, which is also read without.
  alignas(64) threading::Lock lock;
  SimpleNode* front = nullptr;
  std::uint32_t asleep = 0;
  Pace pace;
  std::atomic<std::uint64_t> taken{0};
  core::Spin spin;

  static_assert(std::atomic<std::uintptr_t>::is_always_lock_free &&
                std::atomic<std::uint64_t>::is_always_lock_free);

  // The items of an inbox become the front, the oldest first.
  void accept(std::uintptr_t former) noexcept {
    for (SimpleNode* node = nodes(former); node != nullptr;) {
      SimpleNode* next = std::exchange(node->next, front);
      front = std::exchange(node, next);
    }
  }
  bool may_go() noexcept {
    if (front != nullptr) return true;
    // acquire: what was put is visible.
    if (nodes(inbox.load(std::memory_order_relaxed)) != nullptr)
      accept(inbox.fetch_and(armed, std::memory_order_acquire));
    return front != nullptr;
  }
  // As may_go(); if not, the next push wakes somebody. What another getter has accepted meanwhile
  // is no longer in the inbox.
  bool may_go_or_arm() noexcept {
    if (front != nullptr) return true;
    if (nodes(inbox.fetch_or(armed, std::memory_order_relaxed)) != nullptr) return may_go();
    return false;
  }
};

SimpleCore::SimpleCore() : state_(new SimpleState) {}
SimpleCore::~SimpleCore() = default;

void SimpleCore::put(SimpleNode& node) noexcept {
  core::Kernel::scheduling_point("queue.put");
  SimpleState& state = *state_;
  // Before the push, so that the size never falls short of what can be taken. relaxed: a count.
  state.put.fetch_add(1, std::memory_order_relaxed);
  std::uintptr_t former = state.inbox.load(std::memory_order_relaxed);
  do {
    node.next = SimpleState::nodes(former);
    // release: the item is visible to who takes it.
  } while (!state.inbox.compare_exchange_weak(former, reinterpret_cast<std::uintptr_t>(&node),
                                              std::memory_order_release,
                                              std::memory_order_relaxed));
  if (former & SimpleState::armed) {
    int saved = errno;  // of what a signal handler interrupts
    raise(state.signal, 1);
    errno = saved;
  }
}

std::size_t SimpleCore::size() const noexcept {
  // The putters' count second: it is never behind.
  std::uint64_t taken = state_->taken.load(std::memory_order_acquire);
  return state_->put.load(std::memory_order_acquire) - taken;
}

SimpleNode* SimpleCore::take_any() noexcept {
  if (!state_->may_go()) return nullptr;
  return std::exchange(state_->front, state_->front->next);
}

SimpleCore::Passage::Passage(SimpleCore& core, const Wait& wait) : state_(*core.state_) {
  core::Kernel::scheduling_point("queue.get");
  state_.lock.lock();
  if (!wait.timeout && state_.may_go()) return;
  try {
    wait_for_turn(wait);
  } catch (...) {
    leave();
    throw;
  }
}

void SimpleCore::Passage::wait_for_turn(const Wait& wait) {
  Nanoseconds deadline = time_max;
  bool in_time = wait.block;
  if (wait.block && wait.timeout) {
    Nanoseconds limit = wait.timeout->nanoseconds();
    if (limit < 0) throw ValueError("'timeout' must be a non-negative number");
    if (state_.may_go()) return;
    deadline = core::deadline_after(limit);
    in_time = limit > 0;
  }
  while (!state_.may_go()) {
    if (!in_time) throw Empty();
    in_time = sleep(wait, deadline);
    if (wait.stop != nullptr && wait.stop->stop_requested() && !state_.may_go())
      throw CancelledError();
  }
}

// Gives the lock up until there may be something to do. False when the deadline passed.
bool SimpleCore::Passage::sleep(const Wait& wait, Nanoseconds deadline) {
  SimpleState& state = state_;
  Pace pace = state.pace;
  state.lock.unlock();
  int looks = 0;
  bool found = Pace::look(
      state.spin, pace,
      [&state] {
        return SimpleState::nodes(state.inbox.load(std::memory_order_relaxed)) != nullptr;
      },
      looks);
  if (found) {
    state.lock.lock();
    state.pace.learn(looks);
    return true;
  }
  std::stop_callback wake_up(wait.stop != nullptr ? *wait.stop : std::stop_token(),
                             [&state] { raise(state.signal, everybody); });
  state.lock.lock();
  // Before looking once more: what happens after the look changes it. acquire: a stop raises it
  // after it is set.
  std::uint32_t seen = state.signal.load(std::memory_order_acquire);
  if (state.may_go_or_arm() || (wait.stop != nullptr && wait.stop->stop_requested())) return true;
  ++state.asleep;
  slept_ = true;
  state.lock.unlock();
  bool in_time = core::wait_while_equal(state.signal, seen, deadline);
  state.lock.lock();
  --state.asleep;
  return in_time;
}

SimpleNode& SimpleCore::Passage::front() noexcept { return *state_.front; }

SimpleNode& SimpleCore::Passage::complete() noexcept {
  SimpleNode& node = *std::exchange(state_.front, state_.front->next);
  // One getter at a time: no step of its own. release: who reads it sees the putters' count.
  state_.taken.store(state_.taken.load(std::memory_order_relaxed) + 1, std::memory_order_release);
  leave();
  return node;
}

void SimpleCore::Passage::leave() noexcept {
  done_ = true;
  SimpleState& state = state_;
  bool wake_next = slept_ && state.asleep > 0 && (state.may_go() || state.may_go_or_arm());
  state.lock.unlock();
  if (wake_next) raise(state.signal, 1);
}

}  // namespace heddle::queue::detail
