// CancelScope: a block that can be cancelled as a whole, and stays cancelled.
//
//     asyncio::CancelScope scope;
//     stop_button.on_click([&scope] { scope.cancel(); });
//     co_await asyncio::with(scope, [&](asyncio::CancelScope&) -> asyncio::Coro<void> {
//       co_await serve();                     // ends here with CancelledError once it is cancelled
//     });
//     if (scope.cancelled_caught()) std::cout << "stopped\n";
//
// Task::cancel() is a request: one CancelledError at one await. A scope is a state: once it is
// cancelled, every await inside that has to wait throws CancelledError, also in cleanup, and in the
// tasks of a TaskGroup that was opened inside; the scope catches that error at its end. What must
// wait in spite of it takes a scope with a shield:
//
//     co_await asyncio::with(asyncio::CancelScope({.shield = true}), [&](asyncio::CancelScope&)
//     -> asyncio::Coro<void> { co_await connection.say_goodbye(); });
//
// A shield keeps off the scopes around it and requests by Task::cancel(), which are delivered after
// it. One loop only. Python has no such class. Source: trio.CancelScope,
// https://trio.readthedocs.io/en/stable/reference-core.html#cancellation-and-timeouts
#pragma once

#include <heddle/asyncio/coroutine.h>
#include <heddle/asyncio/event_loop.h>

#include <memory>
#include <optional>

namespace heddle::asyncio {

namespace detail {
class ScopeCore;
}

// How a CancelScope begins.
struct CancelScopeOptions {
  std::optional<Nanoseconds> deadline{};  // a time of the loop's clock at which it is cancelled
  bool shield = false;
};

class CancelScope {
 public:
  explicit CancelScope(CancelScopeOptions options = {});
  CancelScope(CancelScope&&) noexcept;  // before it is entered
  ~CancelScope();

  // Cancels what runs in the scope; also before it is entered. Nothing happens the second time.
  void cancel() noexcept;
  // True once it was cancelled, by cancel() or by its deadline.
  bool cancel_called() const noexcept;
  // True once the scope ended by its own cancellation.
  bool cancelled_caught() const noexcept { return caught_; }

  // The time of the loop's clock at which it is cancelled, if there is one.
  std::optional<Nanoseconds> deadline() const noexcept { return options_.deadline; }
  // Moves the deadline; none: no limit. A time in the past cancels in the next turn.
  void set_deadline(std::optional<Nanoseconds> deadline);

  // True while cancellations from outside wait for the end of the scope.
  bool shield() const noexcept;
  void set_shield(bool shield) noexcept;

  // For with(). Throws RuntimeError when entered twice, outside of a task, or when scopes are left
  // in another order than they were entered.
  Coro<CancelScope&> aenter();
  Coro<bool> aexit(std::exception_ptr failure);
  bool exit(const std::exception_ptr& failure);

 private:
  void set_alarm();

  CancelScopeOptions options_;
  std::unique_ptr<detail::ScopeCore> core_;
  Handle alarm_;
  bool used_ = false;
  bool caught_ = false;
};

// A scope that is cancelled after `delay`; the block then just ends. Throws RuntimeError "no
// running event loop", ValueError for NaN.
CancelScope move_on_after(Delay delay);
// A scope that is cancelled at a time of the loop's clock, in nanoseconds.
CancelScope move_on_at(Nanoseconds when);

}  // namespace heddle::asyncio
