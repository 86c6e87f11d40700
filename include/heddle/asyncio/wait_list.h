// Parking and WaitList: how a task waits, and how a wait is undone.
//
// Everything that suspends a task is a Parking: an object in the frame of the awaiting coroutine.
// It puts itself where the wake-up will come from (a WaitList, a future, the timer heap) and knows
// how to leave that place: that is all cancel() needs. A wait ends in one of two ways, and always
// through the ready queue: wake(), or a cancellation that made it leave. When a task is cancelled
// after it was woken but before it ran, hand_on() returns what it was given: the permit, the item.
//
//     class Gate {                                    // a primitive of one's own
//      public:
//       WaitList::Awaiter pass() { return waiters_.wait(open_); }
//       void open() { open_ = true; waiters_.wake_all(); }
//      private:
//       bool open_ = false;
//       WaitList waiters_;
//     };
//
// One loop only; from other threads use call_soon_threadsafe().
#pragma once

#include <heddle/core/intrusive_list.h>
#include <heddle/detail/frame.h>

#include <coroutine>
#include <cstdint>
#include <string>

namespace heddle::asyncio {

class FutureCore;
class TaskCore;
namespace detail {
struct ParkingAccess;
struct WaitListAccess;
}  // namespace detail

namespace detail {

// The data of a wait. A base of its own, so that its end writes no virtual table.
class ParkedTask {
 protected:
  enum class State : unsigned char {
    idle,       // the await did not suspend
    parked,     // the task points here
    woken,      // in the ready queue: the awaited thing happened
    abandoned,  // in the ready queue: cancelled, the place was left
    refused,    // did not suspend: not here, or not in this loop
  };

  ParkedTask() = default;
  ~ParkedTask() {
    if (state_ == State::parked) leave_task();
  }

  TaskCore* task_ = nullptr;
  State state_ = State::idle;

 private:
  void leave_task() noexcept;
};

}  // namespace detail

// One wait of one task. Lives in the frame of the coroutine that awaits it.
class Parking : private detail::ParkedTask {
 public:
  Parking(const Parking&) = delete;  // the task points at it
  Parking& operator=(const Parking&) = delete;

 protected:
  Parking() = default;
  // Leaves the task; derived places leave their lists by themselves.
  virtual ~Parking() = default;

  // Suspends the current task here. If it has a cancellation to deliver, the wait is undone at
  // once.
  void park(heddle::detail::Frame& frame) noexcept;
  // Suspends the current task for one turn of the loop.
  void yield(heddle::detail::Frame& frame) noexcept;
  // Queues the parked task; it runs in the next turn. REQUIRES: parked()
  void wake() noexcept;
  // For await_resume(): throws CancelledError if the task was cancelled during this wait.
  void confirm() {
    if (!went_well()) confirm_slowly();
  }
  // True when the wait ended as it should: nearly always it was woken, and nothing overtook that.
  bool went_well() const noexcept {
    if (state_ == State::woken) [[likely]]
      return !heddle::detail::thread_state.interrupted;
    return state_ == State::idle;
  }
  // In place of a wait: confirm() will throw RuntimeError "this object is bound to a different
  // event loop", unless whoever refused says it better.
  void refuse() noexcept { state_ = State::refused; }
  bool refused() const noexcept { return state_ == State::refused; }

  // Leaves a cancellation for the next await: what this one waited for is done and counts.
  void defer_cancel() noexcept;

  bool parked() const noexcept { return state_ == State::parked; }
  // True when the await had to wait, also after it.
  bool suspended() const noexcept { return state_ != State::idle; }
  // The task that waits, or waited, here; null before the await suspends.
  TaskCore* task() const noexcept { return task_; }

  // Leaves the place that the wake-up would come from. Called while parked, when the task is
  // cancelled.
  virtual void abandon() noexcept = 0;
  // Offers a cancellation to what is awaited. True when that will wake the task in its own time.
  virtual bool pass_cancel(const std::string& message) {
    (void)message;
    return false;
  }
  // The future that pass_cancel() would cancel, and nothing else; null for other places.
  virtual FutureCore* passes_to() noexcept;
  // True when an abandoned wait has nothing to do but to throw CancelledError.
  virtual bool ends_when_abandoned() const noexcept { return true; }
  // The task was woken, but a cancellation overtook it: gives what it was woken for to the next in
  // line.
  virtual void hand_on() noexcept {}

 private:
  friend class TaskCore;
  friend struct detail::ParkingAccess;
  friend struct detail::WaitListAccess;

  void undo() noexcept;       // parked -> abandoned, and queues the task
  bool interrupt() noexcept;  // true
  void confirm_slowly();
  [[noreturn]] static void throw_refused();
};

// Tasks that wait for one thing, first in, first out. Each leaves in constant time.
class WaitList {
 public:
  // The place of a task in the list, for awaiters that know their list otherwise.
  class Place : public Parking, private ListLink {
   protected:
    Place() = default;

   private:
    friend class WaitList;
    friend struct detail::WaitListAccess;
    template <class>
    friend class heddle::IntrusiveList;
    void abandon() noexcept override { unlink(); }
  };

  // The wait of one task. `co_await` returns nothing.
  // Cancelled: leaves the list and throws CancelledError; the others keep waiting.
  class [[nodiscard("co_await it")]] Awaiter : public Place {
   public:
    // ready: looked at when the await begins; null: never.
    Awaiter(WaitList& list, const bool* ready) noexcept : list_(list), ready_(ready) {}
    // A wait that has not begun may move, so that create_task() and gather() can take it.
    Awaiter(Awaiter&& other) noexcept : list_(other.list_), ready_(other.ready_) {}

    bool await_ready() const noexcept { return ready_ != nullptr && *ready_; }
    template <class P>
    bool await_suspend(std::coroutine_handle<P> handle) noexcept {
      return enlist(handle.promise());
    }
    // Throws CancelledError, and RuntimeError "this object is bound to a different event loop".
    void await_resume() { confirm(); }

   protected:
    bool enlist(heddle::detail::Frame& frame) noexcept;
    WaitList& list() noexcept { return list_; }

   private:
    WaitList& list_;
    const bool* ready_;
  };

  WaitList() = default;

  // Parks the task until it is woken.
  Awaiter wait() noexcept { return Awaiter(*this, nullptr); }
  // As wait(), but does not suspend when `ready` is true as the await begins.
  Awaiter wait(const bool& ready) noexcept { return Awaiter(*this, &ready); }

  // Queues the task that waits longest; false when none waits. It runs in the next turn. In debug
  // mode throws RuntimeError "Non-thread-safe operation" on another thread than the loop's.
  bool wake_one() { return !waiters_.empty() && wake_first(); }
  // Queues all tasks that wait now, in the order in which they began to wait. As wake_one().
  void wake_all() {
    while (wake_one()) {
    }
  }
  // True when no task waits; a woken one does not wait any more.
  bool empty() const noexcept { return waiters_.empty(); }
  // The task that waits longest, or null.
  TaskCore* first_task() noexcept { return waiters_.empty() ? nullptr : waiters_.front().task(); }

 private:
  friend struct detail::WaitListAccess;
  bool wake_first();

  IntrusiveList<Place> waiters_;
  std::uint64_t loop_ = 0;  // the serial number of the loop that waited here first
};

}  // namespace heddle::asyncio
