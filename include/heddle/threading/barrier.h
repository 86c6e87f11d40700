// Barrier: a fixed number of threads wait until all of them have come.
//
//     threading::Barrier start(2, [] { std::puts("both are here"); });
//     ...
//     start.wait();   // on both threads
//
// May be used again at once. Thread-safe. No thread may use it while it is destroyed. Source:
// https://docs.python.org/3/library/threading.html#barrier-objects
#pragma once

#include <heddle/core/delay.h>
#include <heddle/core/error.h>
#include <heddle/threading/wait_queue.h>

#include <memory>
#include <optional>
#include <utility>

namespace heddle::threading {

// A thread waits at a barrier that is or gets broken.
class BrokenBarrierError : public RuntimeError {
 public:
  using RuntimeError::RuntimeError;
};

class Barrier {
 public:
  // What one of the threads runs when all have come.
  class Action {
   public:
    virtual ~Action() = default;
    virtual void call() = 0;
  };

  // parties: how many threads wait for each other. timeout: of wait() without one. Throws
  // ValueError "parties must be >= 1".
  explicit Barrier(std::ptrdiff_t parties, std::optional<Delay> timeout = std::nullopt)
      : Barrier(parties, std::unique_ptr<Action>(), timeout) {}
  template <class F>
    requires std::is_invocable_v<F&>
  Barrier(std::ptrdiff_t parties, F action, std::optional<Delay> timeout = std::nullopt)
      : Barrier(parties, std::make_unique<Stored<F>>(std::move(action)), timeout) {}
  Barrier(const Barrier&) = delete;  // waiting threads point at it
  Barrier& operator=(const Barrier&) = delete;

  // Waits until all have come; the last one runs the action first. Returns 0 to parties - 1, to
  // each another. Throws BrokenBarrierError when it is broken, gets broken or is reset meanwhile,
  // or when the time has passed, which breaks it; and what the action throws, which breaks it too.
  std::ptrdiff_t wait() { return wait_until(default_deadline()); }
  std::ptrdiff_t wait(Delay timeout);

  // Back to the empty state; threads that wait now get BrokenBarrierError. A round whose action
  // runs already is not touched.
  void reset() noexcept;
  // Breaks it: threads that wait, and all that come until reset(), get BrokenBarrierError.
  void abort() noexcept;

  std::ptrdiff_t parties() const noexcept { return parties_; }
  // How many wait, at this moment; 0 when broken.
  std::ptrdiff_t n_waiting() const noexcept;
  bool broken() const noexcept;

 private:
  template <class F>
  class Stored final : public Action {
   public:
    explicit Stored(F function) : function_(std::move(function)) {}
    void call() override { function_(); }

   private:
    F function_;
  };

  Barrier(std::ptrdiff_t parties, std::unique_ptr<Action> action, std::optional<Delay> timeout);
  Nanoseconds default_deadline() const noexcept;
  std::ptrdiff_t wait_until(Nanoseconds deadline);
  void run_action(WaitQueue::Woken& round, std::uint64_t resets);
  void wait_for_others(WaitQueue::Waiter& me, Nanoseconds deadline);
  void break_and_take(WaitQueue::Woken& woken) noexcept;

  mutable WaitQueue line_;  // its lock guards the rest
  std::ptrdiff_t parties_;
  std::ptrdiff_t arrived_ = 0;  // they stand in the line
  std::uint64_t resets_ = 0;
  bool broken_ = false;
  std::optional<Delay> timeout_;
  std::unique_ptr<Action> action_;
};

}  // namespace heddle::threading
