// AsyncExitStack and asynccontextmanager: Python's contextlib for coroutines.
//
//     co_await asyncio::with(asyncio::AsyncExitStack(), [&](asyncio::AsyncExitStack& stack)
//     -> asyncio::Coro<void> {
//       for (const auto& name : names) co_await stack.enter_async_context(open(name));
//       stack.callback([] { std::cout << "all are closed after this\n"; });
//     });
//
//     asyncio::AsyncGenerator<Page*> page(std::string url) {    // setup, co_yield, teardown
//       Page opened = co_await open(url);
//       co_yield &opened;
//       co_await opened.close();
//     }
//     co_await asyncio::with(asyncio::asynccontextmanager(page("example.org")), show);
//
// Source: https://docs.python.org/3/library/contextlib.html#contextlib.AsyncExitStack
#pragma once

#include <heddle/asyncio/async_generator.h>
#include <heddle/asyncio/with.h>

#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

namespace heddle::asyncio {

// Leaves what was entered, last in first out, on every path. Used once, with with().
class AsyncExitStack {
 public:
  AsyncExitStack() = default;
  AsyncExitStack(AsyncExitStack&&) noexcept = default;  // before it is entered

  // Enters a resource with aenter() and aexit(), owns it, and leaves it at the end. Gives what
  // aenter() gives. Throws what aenter() throws; the resource is not left then.
  template <class Resource>
  auto enter_async_context(Resource resource)
      -> Coro<typename decltype(resource.aenter())::value_type> {
    auto exit = std::make_unique<ResourceExit<Resource>>(std::move(resource));
    using Entered = typename decltype(resource.aenter())::value_type;
    if constexpr (std::is_void_v<Entered>) {
      co_await exit->resource.aenter();
      exits_.push_back(std::move(exit));
    } else {
      decltype(auto) entered = co_await exit->resource.aenter();
      exits_.push_back(std::move(exit));
      co_return std::forward<Entered>(entered);
    }
  }
  // As above for a resource that was entered already, which must outlive the stack.
  template <class Resource>
  void push_async_exit(Resource& resource) {
    exits_.push_back(std::make_unique<ResourceExit<Resource&>>(resource));
  }
  // Calls function(args...) at the end, and awaits what it gives.
  template <class F, class... Args>
  void push_async_callback(F function, Args... args) {
    auto bound = [function = std::move(function), ... args = std::move(args)]() mutable {
      return function(std::move(args)...);
    };
    exits_.push_back(std::make_unique<AsyncCallbackExit<decltype(bound)>>(std::move(bound)));
  }
  // Calls function(args...) at the end.
  template <class F, class... Args>
  void callback(F function, Args... args) {
    auto bound = [function = std::move(function), ... args = std::move(args)]() mutable {
      function(std::move(args)...);
    };
    exits_.push_back(std::make_unique<CallbackExit<decltype(bound)>>(std::move(bound)));
  }

  // Moves what is to be left to another stack, which nobody has entered yet.
  AsyncExitStack pop_all() noexcept { return std::move(*this); }
  // Leaves everything now.
  Coro<void> aclose();

  // For with(). An exception of one exit takes the place of the one before, for those below it.
  Coro<AsyncExitStack&> aenter() { co_return *this; }
  Coro<bool> aexit(std::exception_ptr failure);

 private:
  class Exit {
   public:
    virtual ~Exit() = default;
    virtual Coro<bool> leave(std::exception_ptr failure) = 0;
  };
  template <class Resource>
  class ResourceExit final : public Exit {
   public:
    explicit ResourceExit(Resource&& resource_) : resource(std::forward<Resource>(resource_)) {}
    Coro<bool> leave(std::exception_ptr failure) override {
      return resource.aexit(std::move(failure));
    }
    Resource resource;
  };
  template <class F>
  class AsyncCallbackExit final : public Exit {
   public:
    explicit AsyncCallbackExit(F function) : function_(std::move(function)) {}
    Coro<bool> leave(std::exception_ptr) override {
      auto call = function_();
      co_await call;
      co_return false;
    }

   private:
    F function_;
  };
  template <class F>
  class CallbackExit final : public Exit {
   public:
    explicit CallbackExit(F function) : function_(std::move(function)) {}
    Coro<bool> leave(std::exception_ptr) override {
      function_();
      co_return false;
    }

   private:
    F function_;
  };

  std::vector<std::unique_ptr<Exit>> exits_;
};

// A resource made of a generator with one co_yield: what comes before it is aenter(), what comes
// after it aexit(). The body's exception is thrown at the co_yield; a generator that catches it and
// ends deals with it. Throws RuntimeError "generator didn't yield", "generator didn't stop".
// Source: https://docs.python.org/3/library/contextlib.html#contextlib.asynccontextmanager
template <class T>
class asynccontextmanager {
 public:
  explicit asynccontextmanager(AsyncGenerator<T> generator) noexcept
      : generator_(std::move(generator)) {}

  Coro<T> aenter() {
    std::optional<T> value = co_await generator_.next();
    if (!value) throw RuntimeError("generator didn't yield");
    co_return *std::move(value);
  }
  Coro<bool> aexit(std::exception_ptr failure) {
    detail::SeesCancellation sees;
    if (!failure) {
      std::optional<T> more = co_await generator_.next();
      if (more) throw RuntimeError("generator didn't stop");
      co_return false;
    }
    bool ended = false;
    try {
      co_await generator_.athrow(failure);
    } catch (const StopAsyncIteration&) {
      ended = true;
    }
    if (!ended) throw RuntimeError("generator didn't stop after athrow()");
    co_return true;
  }

 private:
  AsyncGenerator<T> generator_;
};

}  // namespace heddle::asyncio
