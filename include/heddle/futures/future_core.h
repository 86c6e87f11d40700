// FutureCore: the untyped part of a future, and what Future<T> is a handle on. With the call that
// gives the outcome it is also the job that an executor takes: both are one object.
//
// Programs use Future<T> (future.h); executors and bridges to other modules use this.
#pragma once

#include <heddle/core/clock.h>
#include <heddle/core/error.h>
#include <heddle/core/intrusive_list.h>
#include <heddle/core/shared_ref.h>
#include <heddle/detail/memory.h>
#include <heddle/threading/lock.h>

#include <atomic>
#include <cstdint>
#include <memory>

namespace heddle::futures {

// The work was cancelled before it began. Differs from asyncio's, which is not a std::exception.
class CancelledError final : public Error {
 public:
  CancelledError() : Error("") {}
  using Error::Error;
};

// Thread-safe.
//
//     pending -> running -> finished
//     pending -> cancelled -> cancelled_and_notified (an executor met it)
//     pending -> finished (set_result() without an executor)
class FutureCore : public SharedCounted, public heddle::detail::SharedPooled {
 public:
  enum class State : std::uint32_t {
    pending,
    running,
    cancelled,
    cancelled_and_notified,
    finished
  };

  // Called once, when the future is done.
  class Callback : public ListLink {
   public:
    virtual ~Callback() = default;
    // What it throws is written to stderr.
    virtual void call(FutureCore& future) = 0;
    // Follows call(), or comes alone when the future dies first.
    virtual void dispose() noexcept { delete this; }
  };

  // What begin() found.
  enum class Begin : unsigned char {
    begun,      // the caller must now do the work and call finish_begun()
    cancelled,  // it was cancelled; this is noted
    gone        // somebody else has begun it, or it has an outcome
  };

  // references: as SharedCounted. stoppable: the work takes a stop token.
  explicit FutureCore(std::uint32_t references = 0, bool stoppable = false) noexcept
      : SharedCounted(references),
        state_(stoppable ? std::uint32_t{takes_stop} : std::uint32_t{pending}) {}
  virtual ~FutureCore();
  void destroy() noexcept { delete this; }

  State state() const noexcept;
  bool done() const noexcept { return is_done(state_.load(std::memory_order_acquire)); }
  bool cancelled() const noexcept;
  bool failed() const noexcept { return done() && exception_ != nullptr; }
  bool cancel();
  // Throws RuntimeError "Future in unexpected state: RUNNING" when it began before.
  bool set_running_or_notify_cancel();
  // For executors: as set_running_or_notify_cancel(), and from here on only finish_begun() can give
  // it an outcome. Nothing is thrown.
  Begin begin() noexcept;
  // Waits until done; false when `limit` nanoseconds passed before. Without a limit (time_max) a
  // worker of a pool does the work itself when that is queued in its own pool.
  bool wait(Nanoseconds limit);
  // Waits, then throws what result() throws.
  void check_result(Nanoseconds limit);
  std::exception_ptr exception(Nanoseconds limit);

  // Calls it, and disposes of it, when the future is done; at once if it is.
  void add_callback(std::unique_ptr<Callback> callback);
  // False when the future is done: nothing is called.
  bool add_unless_done(Callback& callback) noexcept;
  // True when the callback was taken back, and will be neither called nor disposed of.
  bool remove_callback(Callback& callback) noexcept;

  // Stores an outcome: `store` puts a value in place. Throws InvalidStateError when there is one,
  // and TypeError when there is neither an exception nor `store`.
  void finish(std::exception_ptr exception, void (*store)(FutureCore&, void*), void* argument);
  // As finish() with an exception, but without effect when there is an outcome.
  void finish_unless_done(std::exception_ptr exception) noexcept;
  // The outcome of what begin() allowed. The value, if any, is in place already.
  void finish_begun(std::exception_ptr exception) noexcept;
  // Moves the value out for a type that cannot be copied. Throws InvalidStateError the second time.
  void take_once();

  // Asks the work to stop; false when it takes no stop token.
  virtual bool request_stop() noexcept { return false; }

  // Of a job: calls it and completes the future, unless that was cancelled or done by a thread that
  // waited for it. Where there is no call to make here, the future fails with TypeError.
  virtual void run() noexcept;
  // Whether request_stop() reaches the work. REQUIRES: it has not begun.
  bool stoppable() const noexcept {
    return (state_.load(std::memory_order_relaxed) & takes_stop) != 0;
  }
  // For the executor that has the job: its queue, and what it knows its own by.
  FutureCore* next = nullptr;
  std::atomic<std::uint32_t> home{0};

 private:
  // state_: the phase in the low bits, and flags. What may be touched when:
  //   value, exception_    written by the one that made it `owned`; read by anyone once it is done
  //   callbacks_           under lock_
  enum Phase : std::uint32_t {
    pending,
    running,
    owned,  // running, and only the one that made it so may finish it
    cancelled_,
    notified,
    finished,
    phase_mask = 7
  };
  enum Flag : std::uint32_t {
    slept_on = 8,        // a thread may sleep until the word changes
    has_callbacks = 16,  // callbacks_ may not be empty
    taken = 32,          // the value was moved out
    takes_stop = 64      // the work does; kept until it ends
  };
  static bool is_done(std::uint32_t word) noexcept { return (word & phase_mask) >= cancelled_; }
  bool become_owned() noexcept;
  void publish(std::uint32_t former) noexcept;
  void run_callbacks() noexcept;
  bool spin(Nanoseconds limit) const noexcept;
  bool step_aside(Nanoseconds limit) const noexcept;
  bool sleep(Nanoseconds limit) noexcept;

  std::atomic<std::uint32_t> state_;
  threading::Lock lock_;
  std::exception_ptr exception_;
  IntrusiveList<Callback> callbacks_;
};

}  // namespace heddle::futures
