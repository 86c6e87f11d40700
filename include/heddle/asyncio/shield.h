// shield: protects work from the cancellation of whoever awaits it.
//
//     auto saving = asyncio::create_task(save(page));
//     co_await asyncio::shield(saving);     // cancelled here, the saving goes on
#pragma once

#include <heddle/asyncio/task.h>

namespace heddle::asyncio {

namespace detail {

// The untyped part: the outer future. Keeps itself until the inner one is done.
class ShieldCore : public PlainFuture, public Lingering, private DoneWaiter {
 public:
  ShieldCore(LoopCore& loop, Ref<FutureCore> inner) noexcept
      : PlainFuture(loop), inner_(std::move(inner)) {}
  void start();
  void let_go() noexcept override;

 protected:
  virtual void copy_value(FutureCore& inner) = 0;

 private:
  void done(FutureCore& inner) noexcept override;
  void drop() noexcept override;
  void run() override;
  FutureCore* waiter() const noexcept override { return const_cast<ShieldCore*>(this); }

  Ref<FutureCore> inner_;
};

template <class T>
class Shield final : public Cell<ShieldCore, T> {
 public:
  using Cell<ShieldCore, T>::Cell;

 private:
  void copy_value(FutureCore& inner) override {
    if constexpr (std::is_void_v<T>) {
      take_value<T>(inner, true);
    } else if constexpr (std::is_reference_v<T>) {
      this->value_.emplace(&take_value<T>(inner, false));
    } else {
      this->value_.emplace(take_value<T>(inner, inner.use_count() == 1));
    }
  }
};

}  // namespace detail

// A future with the outcome of `awaitable`. Cancelling it, or the task that awaits it, leaves the
// work running; an exception of the work that nobody waits for any more goes to the loop's
// exception handler. When the work itself is cancelled, so is the future. Throws RuntimeError "no
// running event loop". Keep a handle on the work: to see it end, and to await it again. Source:
// https://docs.python.org/3/library/asyncio-task.html#asyncio.shield
template <class A>
auto shield(A&& awaitable) {
  auto inner = ensure_future(std::forward<A>(awaitable));
  using T = typename decltype(inner)::value_type;
  if (inner.done()) return inner;
  auto* shield = new detail::Shield<T>(detail::running_loop_core(), inner.core());
  Future<T> outer{Ref<FutureCore>(shield)};
  inner = outer;  // only the shield holds the work now, so that its value can be moved out
  shield->start();
  return outer;
}

}  // namespace heddle::asyncio
