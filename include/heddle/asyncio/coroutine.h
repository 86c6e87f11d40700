// Coro<T>: what an async function returns.
//
//     asyncio::Coro<int> answer() {
//       co_await asyncio::sleep(1s);
//       co_return 42;
//     }
//
// Calling answer() runs nothing: it makes an object. `co_await answer()` runs it inside the current
// task: no new task, no turn of the loop. create_task(answer()) runs it beside the current task,
// asyncio::run(main()) as the whole program. A coroutine runs once; a second await is a
// RuntimeError. One that is dropped unrun is reported to the loop's exception handler.
//
// Parameters are copied or moved into the coroutine, but references and pointers stay what they
// are: pass them only where the caller awaits before the referent dies. Source:
// https://docs.python.org/3/library/asyncio-task.html#coroutines
#pragma once

#include <heddle/core/error.h>
#include <heddle/detail/frame.h>

#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

namespace heddle::asyncio {

template <class T>
class Coro;
class TaskCore;

// How a type outside this module becomes awaitable: a specialisation has `static auto
// awaiter(A&&)`, which returns something that is awaitable already.
template <class A>
struct AwaitAs;

namespace detail {

using heddle::detail::AwaitLink;
using heddle::detail::Frame;

template <class A>
concept HasAwaiterInterface = requires(A& awaiter) { awaiter.await_ready(); };
template <class A>
concept HasMemberCoAwait =
    requires(A&& awaitable) { std::forward<A>(awaitable).operator co_await(); };
template <class A>
concept HasAwaitAs = requires(A&& awaitable) {
  AwaitAs<std::remove_cvref_t<A>>::awaiter(std::forward<A>(awaitable));
};

template <class T>
inline constexpr bool is_coro = false;
template <class T>
inline constexpr bool is_coro<Coro<T>> = true;

[[noreturn]] void throw_already_awaited();
void report_never_awaited(const Frame& frame) noexcept;

// Runs a coroutine to its end inside the one that awaits it.
template <class T>
class CoroAwaiter : private AwaitLink {
 public:
  using Promise = typename Coro<T>::promise_type;

  CoroAwaiter(Promise& promise, Frame& parent) noexcept : AwaitLink(parent, promise) {}
  CoroAwaiter(const CoroAwaiter&) = delete;
  CoroAwaiter& operator=(const CoroAwaiter&) = delete;
  ~CoroAwaiter() {
    if (child != nullptr) child->handle().destroy();
  }

  bool await_ready() {
    heddle::detail::start_child(*this);
    return promise().ended();
  }
  template <class P>
  void await_suspend(std::coroutine_handle<P>) const noexcept {}
  T await_resume() { return promise().take(); }
  // What it ended with in place of a value, or null. REQUIRES: it has ended.
  std::exception_ptr take_error() noexcept {
    return promise().failed() ? promise().take_error() : nullptr;
  }

 private:
  Promise& promise() noexcept { return static_cast<Promise&>(*child); }
};

// Base of awaiters of this library that stand for a call of one of Python's coroutine functions,
// and so may become a task.
struct CoroutineLike {};

// Goes on with `awaiter` inside the await_suspend() of another one. False when it does not wait.
template <class T, class P>
bool begin_await(CoroAwaiter<T>& awaiter, std::coroutine_handle<P> awaiting) {
  if (awaiter.await_ready()) return false;
  awaiter.await_suspend(awaiting);
  return true;
}

// The awaiter of anything that a coroutine of heddle may await.
template <class A>
decltype(auto) make_awaiter(Frame& frame, A&& awaitable) {
  using Type = std::remove_cvref_t<A>;
  if constexpr (is_coro<Type>) {
    return awaitable.await_in(frame);
  } else if constexpr (HasAwaitAs<A>) {
    using Next = decltype(AwaitAs<Type>::awaiter(std::forward<A>(awaitable)));
    if constexpr (HasAwaiterInterface<Next>) {
      return AwaitAs<Type>::awaiter(std::forward<A>(awaitable));
    } else {
      return make_awaiter(frame, AwaitAs<Type>::awaiter(std::forward<A>(awaitable)));
    }
  } else if constexpr (HasMemberCoAwait<A>) {
    using Next = decltype(std::forward<A>(awaitable).operator co_await());
    if constexpr (HasAwaiterInterface<Next>) {
      return std::forward<A>(awaitable).operator co_await();
    } else {
      return make_awaiter(frame, std::forward<A>(awaitable).operator co_await());
    }
  } else if constexpr (HasAwaiterInterface<Type>) {
    // A name, or a temporary of the await expression: both outlive the await. g++ 12 takes an
    // object of its own out of what this refers to, so a wait that has not begun can be moved.
    return static_cast<Type&&>(awaitable);
  } else {
    static_assert(!sizeof(A),
                  "TypeError: object can't be used in 'await' expression: co_await needs a Coro, a "
                  "Task, a Future, another "
                  "asyncio awaitable, or a class whose operator co_await() returns one of them; "
                  "did you mean to call it: f()?");
  }
}

// What `co_await` of an A gives.
template <class A>
using AwaitResult = decltype(std::declval<std::remove_reference_t<decltype(make_awaiter(
                                 std::declval<Frame&>(), std::declval<A>()))>&>()
                                 .await_resume());

// Stands in coroutines of the library that catch CancelledError, or clean up by awaiting: a task
// that waits in one of them is not cancelled without the exception.
class SeesCancellation {
 public:
  SeesCancellation() noexcept;
  SeesCancellation(const SeesCancellation&) = delete;
  SeesCancellation& operator=(const SeesCancellation&) = delete;
  ~SeesCancellation();

 private:
  TaskCore* task_;
};

// What the promises of coroutines and of async generators share.
struct PromiseBase : Frame {
  using Frame::Frame;

  static void* operator new(std::size_t bytes) { return heddle::detail::allocate(bytes); }
  static void operator delete(void* memory, std::size_t bytes) noexcept {
    heddle::detail::deallocate(memory, bytes);
  }

  template <class A>
  decltype(auto) await_transform(A&& awaitable,
                                 std::source_location at = std::source_location::current()) {
    where = at;
    return make_awaiter(*this, std::forward<A>(awaitable));
  }
};

enum class OutcomeKind : unsigned char {
  none,
  value,
  error,
  returning  // the value is there, but the destructor of a local may still throw
};
// Out of line, so that a compiler asks for what is usual first, and once.
[[gnu::const, gnu::cold]] bool is_error(OutcomeKind kind) noexcept;

// How a coroutine ended: with a value, or with an exception. S: what stands for its result.
template <class S>
class CoroOutcome : public PromiseBase {
 public:
  explicit CoroOutcome(std::source_location begin) noexcept : PromiseBase(begin) {}
  // Nobody leaves an error in it: what awaits it goes on at once, and a task takes it as it ends.
  ~CoroOutcome() { drop_value(); }

  std::suspend_always initial_suspend() noexcept { return {}; }
  // Who resumed it sees that it is done, and goes on with whoever awaits it.
  std::suspend_always final_suspend() noexcept {
    if (kind_ == Kind::returning) kind_ = Kind::value;
    return {};
  }
  // Apart: it would put a guarded stack frame into each coroutine.
  [[gnu::noinline, gnu::cold]] void unhandled_exception() noexcept {
    drop_value();
    std::construct_at(std::addressof(error_), std::current_exception());
    kind_ = Kind::error;
  }
  // After a step of it.
  bool ended() const noexcept { return kind_ == Kind::value || is_error(kind_); }
  // REQUIRES: it has ended.
  bool failed() const noexcept { return kind_ != Kind::value; }
  // REQUIRES: failed()
  std::exception_ptr take_error() noexcept { return std::exchange(error_, nullptr); }
  // The value; throws the exception in its place.
  S& value() {
    if (failed()) [[unlikely]]
      std::rethrow_exception(take_error());
    return value_;
  }

 protected:
  template <class U>
  void set(U&& value) {
    drop_value();  // after a `co_return` that a destructor's exception undid
    std::construct_at(std::addressof(value_), std::forward<U>(value));
    kind_ = Kind::returning;
  }

 private:
  using Kind = OutcomeKind;

  void drop_value() noexcept {
    if (kind_ != Kind::value && kind_ != Kind::returning) return;
    value_.~S();
    kind_ = Kind::none;
  }

  Kind kind_ = Kind::none;
  union {
    S value_;
    std::exception_ptr error_;
  };
};

template <class T>
struct CoroPromise : CoroOutcome<T> {
  explicit CoroPromise(std::source_location begin = std::source_location::current()) noexcept
      : CoroOutcome<T>(begin) {}

  Coro<T> get_return_object() noexcept;
  template <class U = T>
    requires std::is_constructible_v<T, U&&>
  void return_value(U&& value) {
    this->set(std::forward<U>(value));
  }
  T take() { return std::move(this->value()); }
};

template <class T>
struct CoroPromise<T&> : CoroOutcome<T*> {
  explicit CoroPromise(std::source_location begin = std::source_location::current()) noexcept
      : CoroOutcome<T*>(begin) {}

  Coro<T&> get_return_object() noexcept;
  void return_value(T& value) noexcept { this->set(&value); }
  T& take() { return *this->value(); }
};

template <>
struct CoroPromise<void> : PromiseBase {
  explicit CoroPromise(std::source_location begin = std::source_location::current()) noexcept
      : PromiseBase(begin), error_(nullptr) {}
  ~CoroPromise() {}  // as ~CoroOutcome()

  Coro<void> get_return_object() noexcept;
  std::suspend_always initial_suspend() noexcept { return {}; }
  std::suspend_always final_suspend() noexcept { return {}; }
  void return_void() const noexcept {}
  [[gnu::noinline, gnu::cold]] void unhandled_exception() noexcept {
    std::construct_at(std::addressof(error_), std::current_exception());
  }
  bool ended() noexcept { return handle().done(); }
  bool failed() const noexcept { return error_ != nullptr; }
  std::exception_ptr take_error() noexcept { return std::exchange(error_, nullptr); }
  void take() {
    if (failed()) [[unlikely]]
      std::rethrow_exception(take_error());
  }

  union {
    std::exception_ptr error_;
  };
};

}  // namespace detail

// What co_await takes: a Coro, a Task or Future, another awaitable of this module, a
// futures::Future, or a class whose operator co_await() returns one of them.
template <class A>
concept Awaitable =
    detail::is_coro<std::remove_cvref_t<A>> || detail::HasAwaitAs<A> ||
    detail::HasMemberCoAwait<A> || detail::HasAwaiterInterface<std::remove_cvref_t<A>>;

// A suspended async call: owns its frame, runs only while awaited or inside a Task. Moves, does not
// copy. May be made on any thread and awaited on another; a single object is not thread-safe.
// Cancelled: the CancelledError that is thrown at its innermost await passes through it.
template <class T>
class [[nodiscard("coroutine was never awaited: co_await it, or give it to create_task()")]] Coro {
 public:
  using promise_type = detail::CoroPromise<T>;
  using value_type = T;

  Coro(Coro&& other) noexcept : promise_(std::exchange(other.promise_, nullptr)) {}
  Coro& operator=(Coro other) noexcept {
    std::swap(promise_, other.promise_);
    return *this;
  }
  ~Coro() {
    if (promise_ == nullptr) return;
    if (!heddle::detail::thread_state.drops_arguments) detail::report_never_awaited(*promise_);
    heddle::detail::destroy_frame(*promise_, false);
  }

  // Drops the call without running it and without a report, as Python's coroutine.close().
  void close() noexcept {
    if (promise_ != nullptr) heddle::detail::drop_unstarted(*std::exchange(promise_, nullptr));
  }

  // False once it was awaited, given to a task, moved from or closed.
  bool valid() const noexcept { return promise_ != nullptr; }

  // The awaiter that co_await uses: takes the call out of this object. Throws RuntimeError
  // "cannot reuse already awaited coroutine" when it is not there any more.
  detail::CoroAwaiter<T> await_in(detail::Frame& frame) {
    return detail::CoroAwaiter<T>(take(), frame);
  }

  // Takes the call out of this object, for what runs it (tasks). Throws as await_in().
  promise_type& take() {
    if (promise_ == nullptr) detail::throw_already_awaited();
    return *std::exchange(promise_, nullptr);
  }

 private:
  friend promise_type;
  explicit Coro(promise_type& promise) noexcept : promise_(&promise) {}

  promise_type* promise_;
};

// Implementation

template <class T>
Coro<T> detail::CoroPromise<T>::get_return_object() noexcept {
  static_assert(alignof(CoroPromise) <= alignof(std::max_align_t),
                "over-aligned results are not supported");
  return Coro<T>(*this);
}

template <class T>
Coro<T&> detail::CoroPromise<T&>::get_return_object() noexcept {
  return Coro<T&>(*this);
}

inline Coro<void> detail::CoroPromise<void>::get_return_object() noexcept {
  return Coro<void>(*this);
}

}  // namespace heddle::asyncio
