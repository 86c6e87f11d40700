// Python's `async for`, for async generators and for classes with an `anext` that throws
// StopAsyncIteration.
//
//     while (auto number = co_await asyncio::next(numbers)) std::cout << *number << "\n";
//
//     std::vector<int> squares = co_await asyncio::collect(numbers, [](int n) { return n * n; });
//     // [n * n async for n in numbers]
//
// An async iterator is any class with `Coro<T> anext()`, or another awaitable of a T, that throws
// StopAsyncIteration at its end. The iterator must outlive the await: give it a name. Source:
// https://docs.python.org/3/reference/datamodel.html#asynchronous-iterators
#pragma once

#include <heddle/asyncio/async_generator.h>

#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

namespace heddle::asyncio {

template <class I>
concept AsyncIterator = requires(I& iterator) { iterator.anext(); };

template <AsyncIterator I>
using AsyncIteratorValue =
    std::remove_cvref_t<detail::AwaitResult<decltype(std::declval<I&>().anext())>>;

namespace detail {

template <class I>
Coro<std::optional<AsyncIteratorValue<I>>> next_of(I& iterator) {
  std::optional<AsyncIteratorValue<I>> value;
  try {
    value.emplace(co_await iterator.anext());
  } catch (const StopAsyncIteration&) {
    // the end
  }
  co_return value;
}

template <class I>
Coro<AsyncIteratorValue<I>> next_or(I& iterator, AsyncIteratorValue<I> fallback) {
  try {
    fallback = co_await iterator.anext();
  } catch (const StopAsyncIteration&) {
    // the end
  }
  co_return fallback;
}

}  // namespace detail

// The next value; empty at the end: the loop form. Throws what anext() throws but
// StopAsyncIteration.
template <AsyncIterator I>
auto next(I& iterator) {
  if constexpr (requires { iterator.next(); }) {
    return iterator.next();  // a generator needs no exception to say that it is over
  } else {
    return detail::next_of(iterator);
  }
}

// The next value; throws StopAsyncIteration at the end.
template <AsyncIterator I>
auto anext(I& iterator) {
  return iterator.anext();
}

// The next value, or `fallback` at the end.
template <AsyncIterator I>
auto anext(I& iterator, AsyncIteratorValue<I> fallback) {
  return detail::next_or(iterator, std::move(fallback));
}

// All values of the iterator, each passed through `transform`: an async list comprehension. The
// iterator is taken over if it is a temporary; a named one must outlive the await.
template <class I, class F>
  requires AsyncIterator<std::remove_reference_t<I>>
auto collect(I&& iterator, F transform) {
  using Value = AsyncIteratorValue<std::remove_reference_t<I>>;
  using Item = std::decay_t<std::invoke_result_t<F&, Value>>;
  return [](I iterator_, F transform_) -> Coro<std::vector<Item>> {
    std::vector<Item> items;
    while (auto value = co_await asyncio::next(iterator_))
      items.push_back(transform_(*std::move(value)));
    co_return items;
  }(std::forward<I>(iterator), std::move(transform));
}
template <class I>
  requires AsyncIterator<std::remove_reference_t<I>>
auto collect(I&& iterator) {
  using Value = AsyncIteratorValue<std::remove_reference_t<I>>;
  return asyncio::collect(std::forward<I>(iterator), [](Value value) { return value; });
}

// For with(): closes the generator at the end of the block, on every path.
//
//     co_await asyncio::with(asyncio::aclosing(count(3)), [&](auto& numbers) -> asyncio::Coro<void>
//     { ... });
//
// Generator: a reference to a named one, which must outlive the block, or the type of one that it
// keeps. Source: https://docs.python.org/3/library/contextlib.html#contextlib.aclosing
template <class Generator>
class aclosing {
 public:
  explicit aclosing(Generator&& generator) : generator_(std::forward<Generator>(generator)) {}

  Coro<std::remove_reference_t<Generator>&> aenter() { co_return generator_; }
  Coro<bool> aexit(std::exception_ptr) {
    co_await generator_.aclose();
    co_return false;
  }

 private:
  Generator generator_;
};
template <class Generator>
aclosing(Generator&&) -> aclosing<Generator>;

}  // namespace heddle::asyncio
