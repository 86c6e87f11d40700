// with: Python's `async with`.
//
//     co_await asyncio::with(asyncio::timeout(1s), [&](asyncio::Timeout&) -> asyncio::Coro<void> {
//       page = co_await fetch("example.org");
//     });
//
// The resource has two async functions, like Python's __aenter__ and __aexit__:
//
//     Coro<X> aenter();                                    // what it gives is handed to the body
//     Coro<bool> aexit(std::exception_ptr failure);        // null after a plain end; true: the
//     exception is dealt with
//
// One that needs no await may have plain functions beside them, which are preferred, since they
// need no memory:
//
//     X enter();
//     bool exit(std::exception_ptr failure);
//
// The body's lambda may capture by reference, since it is awaited before its surroundings die.
// Source: https://docs.python.org/3/reference/compound_stmts.html#the-async-with-statement
#pragma once

#include <heddle/asyncio/coroutine.h>
#include <heddle/core/compiler.h>

#include <concepts>
#include <optional>
#include <type_traits>
#include <utility>

namespace heddle::asyncio {

namespace detail {

template <class Body, class Entered>
concept TakesEntered = std::is_invocable_v<Body&, Entered>;

// True when the body can be called with what aenter() gives, or without.
template <class Entered, class Body>
inline constexpr bool takes_at_most = std::is_invocable_v<Body&> || TakesEntered<Body, Entered&>;
template <class Body>
inline constexpr bool takes_at_most<void, Body> = std::is_invocable_v<Body&>;

template <class Entered, class Body>
struct BodyCall : std::invoke_result<Body&> {};
template <class Entered, class Body>
  requires(!std::is_void_v<Entered> && TakesEntered<Body, std::add_lvalue_reference_t<Entered>>)
struct BodyCall<Entered, Body> : std::invoke_result<Body&, Entered&> {};
// What the body gives.
template <class Entered, class Body>
using BodyResult = typename BodyCall<Entered, Body>::type;

// Calls the body with what aenter() gave, or without when it does not want it.
template <class Body, class Entered>
auto call_body(Body& body, Entered&& entered) {
  if constexpr (TakesEntered<Body, Entered>) {
    return body(std::forward<Entered>(entered));
  } else {
    return body();
  }
}

template <class Resource>
concept EntersAtOnce = requires(Resource& resource) { resource.enter(); };

// An await of enter(), so that both ways to enter read the same.
template <class Resource>
class EnterAtOnce {
 public:
  explicit EnterAtOnce(Resource& resource) noexcept : resource_(resource) {}
  bool await_ready() const noexcept { return true; }
  void await_suspend(std::coroutine_handle<>) const noexcept {}
  decltype(auto) await_resume() { return resource_.enter(); }

 private:
  Resource& resource_;
};

template <class Resource>
auto enter(Resource& resource) {
  if constexpr (EntersAtOnce<Resource>) {
    return EnterAtOnce<Resource>(resource);
  } else {
    return resource.aenter();
  }
}

template <class Resource>
concept LeavesAtOnce = requires(Resource& resource, std::exception_ptr failure) {
  { resource.exit(failure) } -> std::same_as<bool>;
};

// Resource is a reference for a named resource, a value for a temporary.
template <class Result, class Resource, class Body>
Coro<Result> with_resource(Resource resource, Body body) {
  using Entering = decltype(resource.aenter());
  using Entered = typename Entering::value_type;
  SeesCancellation sees;
  std::exception_ptr failure;
  if constexpr (std::is_void_v<Result>) {
    if constexpr (std::is_void_v<Entered>) {
      co_await enter(resource);
      try {
        co_await body();
      } catch (...) {
        failure = std::current_exception();
      }
    } else {
      Entered entered = co_await enter(resource);
      try {
        co_await call_body(body, entered);
      } catch (...) {
        failure = std::current_exception();
      }
    }
    bool handled = false;
    if constexpr (LeavesAtOnce<std::remove_reference_t<Resource>>) {
      handled = resource.exit(failure);
    } else {
      handled = co_await resource.aexit(failure);
    }
    if (failure && !handled) std::rethrow_exception(failure);
  } else {
    std::optional<Result> result;
    if constexpr (std::is_void_v<Entered>) {
      co_await enter(resource);
      try {
        result.emplace(co_await body());
      } catch (...) {
        failure = std::current_exception();
      }
    } else {
      Entered entered = co_await enter(resource);
      try {
        result.emplace(co_await call_body(body, entered));
      } catch (...) {
        failure = std::current_exception();
      }
    }
    bool handled = false;
    if constexpr (LeavesAtOnce<std::remove_reference_t<Resource>>) {
      handled = resource.exit(failure);
    } else {
      handled = co_await resource.aexit(failure);
    }
    if (failure && !handled) std::rethrow_exception(failure);
    if (!result)
      throw RuntimeError(
          "with(): aexit() dealt with the exception, so that the body has no result to give");
    co_return *std::move(result);
  }
}

}  // namespace detail

// Enters `resource`, awaits body(entered) and exits it on every path, also when cancelled. Gives
// what the body gives. A temporary resource lives in the call; a named one must outlive it. Throws
// what the body throws unless aexit() returned true, and what aenter() and aexit() throw.
template <class Resource, class Body>
auto with(Resource&& resource, Body&& body) {
  using Entered = typename decltype(resource.aenter())::value_type;
  static_assert(detail::takes_at_most<Entered, std::decay_t<Body>>,
                "TypeError: the body given to with() takes something else than what aenter() "
                "gives: write [&]() for a lock, [&](asyncio::TaskGroup& group) for a group");
  using Coroutine = detail::BodyResult<Entered, std::decay_t<Body>>;
  static_assert(
      detail::is_coro<Coroutine>,
      "TypeError: the body given to with() must be a coroutine: say -> asyncio::Coro<...>");
  static_assert(safe_in_await<Body>,
                "g++ 12 destroys this lambda twice when with() is awaited in place: capture by "
                "reference, or give it a name");
  return detail::with_resource<typename Coroutine::value_type, Resource, std::decay_t<Body>>(
      std::forward<Resource>(resource), std::forward<Body>(body));
}

}  // namespace heddle::asyncio
