#include <heddle/threading/wait_queue.h>

#include "core/fork.h"
#include "core/futex.h"
#include "core/kernel.h"
#include "core/spin.h"

namespace heddle::threading {

using core::Kernel;

// The lock. Its word is free, held, or held with threads that may sleep on it, in the lowest bits;
// above them stands the generation of the process (core/fork.h) that wrote it. What another
// generation left is nobody's: its lock is free, and who stood in the line is gone. Orders as in
// lock.cpp: acquire where the lock is taken, release where it is given up.

namespace {

constexpr std::uint32_t held = 1, waited_for = 2, state_bits = 3;

std::uint32_t current_generation() noexcept { return core::fork_generation() << 2; }

bool is_free(std::uint32_t word, std::uint32_t generation) noexcept {
  return (word & state_bits) == 0 || (word & ~state_bits) != generation;
}

}  // namespace

void WaitQueue::lock() noexcept {
  std::uint32_t generation = current_generation();
  std::uint32_t word = word_.load(std::memory_order_relaxed);
  if (is_free(word, generation) &&
      word_.compare_exchange_strong(word, generation | held, std::memory_order_acquire,
                                    std::memory_order_relaxed)) {
    return empty_after_fork(word, generation);
  }
  lock_slowly(generation);
}

void WaitQueue::lock_slowly(std::uint32_t generation) noexcept {
  core::spin_briefly([&] { return is_free(word_.load(std::memory_order_relaxed), generation); });
  while (true) {
    std::uint32_t word = word_.load(std::memory_order_relaxed);
    if (is_free(word, generation)) {
      if (word_.compare_exchange_weak(word, generation | waited_for, std::memory_order_acquire,
                                      std::memory_order_relaxed)) {
        return empty_after_fork(word, generation);
      }
    } else if (word == (generation | waited_for) ||
               word_.compare_exchange_weak(word, generation | waited_for,
                                           std::memory_order_relaxed)) {
      core::wait_while_equal(word_, generation | waited_for, time_max);
    }
  }
}

void WaitQueue::empty_after_fork(std::uint32_t former, std::uint32_t generation) noexcept {
  if ((former & ~state_bits) != generation) first_ = nullptr;
}

void WaitQueue::unlock() noexcept {
  std::uint32_t former = word_.exchange(current_generation(), std::memory_order_release);
  if ((former & state_bits) == waited_for) core::wake(word_, 1);
}

// The line: a ring, of which first_ is the beginning.

void WaitQueue::insert_last(Waiter& waiter) noexcept {
  waiter.queued_ = true;
  // relaxed: the lock hands the waiter over to whoever takes it.
  waiter.outcome_.store(0, std::memory_order_relaxed);
  if (first_ == nullptr) {
    waiter.next_ = waiter.previous_ = &waiter;
    first_ = &waiter;
    return;
  }
  waiter.next_ = first_;
  waiter.previous_ = first_->previous_;
  first_->previous_->next_ = &waiter;
  first_->previous_ = &waiter;
}

void WaitQueue::push_back(Waiter& waiter) noexcept { insert_last(waiter); }

void WaitQueue::push_front(Waiter& waiter) noexcept {
  insert_last(waiter);  // the last of a ring is before the first
  first_ = &waiter;
}

void WaitQueue::unlink(Waiter& waiter) noexcept {
  waiter.queued_ = false;
  if (waiter.next_ == &waiter) {
    first_ = nullptr;
    return;
  }
  waiter.previous_->next_ = waiter.next_;
  waiter.next_->previous_ = waiter.previous_;
  if (first_ == &waiter) first_ = waiter.next_;
}

std::size_t WaitQueue::take(Woken& woken, std::size_t count) noexcept {
  std::size_t taken = 0;
  for (; taken < count && first_ != nullptr; ++taken) {
    Waiter& waiter = *first_;
    unlink(waiter);
    waiter.next_ = nullptr;
    (woken.first_ == nullptr ? woken.first_ : woken.last_->next_) = &waiter;
    woken.last_ = &waiter;
  }
  return taken;
}

void WaitQueue::Woken::wake(std::uint32_t outcome) noexcept {
  while (first_ != nullptr) {
    Waiter& waiter = *first_;
    first_ = waiter.next_;
    // release: what the waker did before is visible to the woken. From here on the waiter may be
    // gone with its stack; the kernel is given its address only as a number, and whoever else
    // should sleep there by then looks at its own word again.
    std::atomic<std::uint32_t>& word = waiter.outcome_;
    word.store(outcome, std::memory_order_release);
    core::wake(word, 1);
  }
}

std::uint32_t WaitQueue::wait(Waiter& waiter, Delay timeout) noexcept {
  return wait_until(waiter, core::deadline_after(timeout.nanoseconds()));
}

bool WaitQueue::remove(Waiter& waiter) noexcept {
  bool removed = waiter.queued_;
  if (removed) unlink(waiter);
  return removed;
}

std::uint32_t WaitQueue::wait_until(Waiter& waiter, Nanoseconds deadline) noexcept {
  if (std::uint32_t outcome = sleep_until(waiter, deadline)) return outcome;
  lock();
  bool leaves = remove(waiter);
  unlock();
  return leaves ? 0 : sleep_until(waiter, time_max);  // taken: the wake-up is on its way
}

std::uint32_t WaitQueue::sleep_until(Waiter& waiter, Nanoseconds deadline) noexcept {
  // acquire here and in wait_while_equal(): what the waker did before is visible.
  auto outcome = [&] { return waiter.outcome_.load(std::memory_order_acquire); };
  bool has_time = deadline == time_max || deadline > Kernel::monotonic_now();
  if (has_time && core::Spin::of_thread().wait([&] { return outcome() != 0; })) return outcome();
  core::wait_while_equal(waiter.outcome_, 0, deadline);
  return outcome();
}

}  // namespace heddle::threading
