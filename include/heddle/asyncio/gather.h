// gather: runs several awaitables at once and collects their results.
//
//     auto [a, b] = co_await asyncio::gather(fetch("a"), fetch("b"));            // a tuple
//     std::vector<Page> pages = co_await asyncio::gather(std::move(fetches));    // of a vector
//     auto [x, y] = co_await asyncio::gather(asyncio::return_exceptions, f(), g());  // Outcome<T>:
//     value or exception
//
// Coroutines become tasks at the call; their results come in the order of the arguments. The first
// exception is thrown at once and the others run on. Cancelling the gather cancels them all. A
// result of type void appears as std::monostate. One loop only. Source:
// https://docs.python.org/3/library/asyncio-task.html#asyncio.gather
#pragma once

#include <heddle/asyncio/task.h>

#include <array>
#include <memory>
#include <tuple>
#include <utility>
#include <vector>

namespace heddle::asyncio {

// How one of several awaitables ended: with a value or with an exception (a CancelledError if it
// was cancelled).
template <class T>
class Outcome {
 public:
  using value_type = detail::Stored<T>;

  explicit Outcome(value_type value) : value_(std::move(value)) {}
  explicit Outcome(std::exception_ptr exception) noexcept : exception_(std::move(exception)) {}

  bool has_value() const noexcept { return exception_ == nullptr; }
  // The value; throws the exception in its place.
  const value_type& value() const {
    if (exception_) std::rethrow_exception(exception_);
    return *value_;
  }
  // Null when there is a value.
  const std::exception_ptr& exception() const noexcept { return exception_; }

 private:
  std::optional<value_type> value_;
  std::exception_ptr exception_;
};

// Given first to gather(): exceptions become results.
struct ReturnExceptions {};
inline constexpr ReturnExceptions return_exceptions{};

namespace detail {

// The untyped part of a gather: counts its children. It keeps itself until the last of them is
// done.
class GatherCore : public FutureCore, public Lingering {
 public:
  struct Child final : DoneWaiter, ReadyNode {
    void done(FutureCore& finished) noexcept override;
    void drop() noexcept override;
    void run() override { gather->child_done(*future); }
    FutureCore* waiter() const noexcept override { return gather; }

    GatherCore* gather = nullptr;
    Ref<FutureCore> future;
  };

  GatherCore(LoopCore& loop, bool keep_exceptions) noexcept
      : FutureCore(loop), keep_exceptions_(keep_exceptions) {}
  bool cancel(const std::string& message) override;
  void let_go() noexcept override;
  // Begins to watch the children, whose futures are set.
  void start(Child* children, std::size_t count);

 protected:
  // All are done and none of their exceptions is to be thrown: builds the value. May throw.
  virtual void collect() = 0;
  bool keep_exceptions() const noexcept { return keep_exceptions_; }

  template <class T>
  static Stored<T> take_child(Child& child) {
    // Nobody else can ask a future whose only handle is this one.
    if constexpr (std::is_void_v<T>) {
      take_value<T>(*child.future, true);
      return {};
    } else if constexpr (std::is_reference_v<T>) {
      return &take_value<T>(*child.future, true);
    } else {
      return take_value<T>(*child.future, child.future->use_count() == 1);
    }
  }
  template <class T>
  static Outcome<T> child_outcome(Child& child) {
    try {
      return Outcome<T>(take_child<T>(child));
    } catch (...) {
      return Outcome<T>(std::current_exception());
    }
  }

 private:
  void child_done(FutureCore& child);
  Ref<GatherCore> last_child_done() noexcept;

  Child* children_ = nullptr;
  std::size_t count_ = 0;
  std::size_t unfinished_ = 0;
  bool keep_exceptions_;
  bool cancel_requested_ = false;
};

// Gathers a fixed number of children of different types.
template <bool keep, class... Ts>
using GatherResult =
    std::conditional_t<keep, std::tuple<Outcome<Ts>...>, std::tuple<Stored<Ts>...>>;

template <bool keep, class... Ts>
class TupleGather final : public Cell<GatherCore, GatherResult<keep, Ts...>> {
 public:
  explicit TupleGather(LoopCore& loop) noexcept
      : Cell<GatherCore, GatherResult<keep, Ts...>>(loop, keep) {}
  std::array<GatherCore::Child, sizeof...(Ts)> children;

 private:
  void collect() override { collect_each(std::index_sequence_for<Ts...>()); }
  template <std::size_t... I>
  void collect_each(std::index_sequence<I...>) {
    if constexpr (keep) {
      this->value_.emplace(GatherCore::child_outcome<Ts>(children[I])...);
    } else {
      this->value_.emplace(GatherCore::take_child<Ts>(children[I])...);
    }
  }
};

// Gathers any number of children of one type.
template <bool keep, class T>
using VectorResult = std::vector<std::conditional_t<keep, Outcome<T>, Stored<T>>>;

template <bool keep, class T>
class VectorGather final : public Cell<GatherCore, VectorResult<keep, T>> {
 public:
  VectorGather(LoopCore& loop, std::size_t size)
      : Cell<GatherCore, VectorResult<keep, T>>(loop, keep),
        children(new GatherCore::Child[size]),
        size_(size) {}
  std::unique_ptr<GatherCore::Child[]> children;

 private:
  void collect() override {
    VectorResult<keep, T> results;
    results.reserve(size_);
    for (std::size_t i = 0; i < size_; ++i) {
      if constexpr (keep) {
        results.push_back(GatherCore::child_outcome<T>(children[i]));
      } else {
        results.push_back(GatherCore::take_child<T>(children[i]));
      }
    }
    this->value_.emplace(std::move(results));
  }

  std::size_t size_;
};

template <class A>
using ResultOf = typename decltype(ensure_future(std::declval<A>()))::value_type;

template <bool keep, class... As>
auto gather_tuple(As&&... awaitables) {
  using Gather = TupleGather<keep, ResultOf<As>...>;
  auto* gather = new Gather(running_loop_core());
  Future<GatherResult<keep, ResultOf<As>...>> future{Ref<FutureCore>(gather)};
  [[maybe_unused]] std::size_t place = 0;
  ((gather->children[place++].future = ensure_future(std::forward<As>(awaitables)).core()), ...);
  gather->start(gather->children.data(), gather->children.size());
  return future;
}

template <bool keep, class A>
auto gather_vector(std::vector<A>&& awaitables) {
  using T = ResultOf<A>;
  auto* gather = new VectorGather<keep, T>(running_loop_core(), awaitables.size());
  Future<VectorResult<keep, T>> future{Ref<FutureCore>(gather)};
  for (std::size_t i = 0; i < awaitables.size(); ++i) {
    gather->children[i].future = ensure_future(std::move(awaitables[i])).core();
  }
  gather->start(gather->children.get(), awaitables.size());
  return future;
}

template <class A>
concept Gatherable = !std::is_same_v<std::remove_cvref_t<A>, ReturnExceptions>;
template <class A>
inline constexpr bool is_vector = false;
template <class A, class Allocator>
inline constexpr bool is_vector<std::vector<A, Allocator>> = true;

}  // namespace detail

// Starts the awaitables and gives a Future of the tuple of their results; see the top of this file.
// Throws RuntimeError "no running event loop". The same future given twice runs once and fills both
// places. Cancelled: all that are not done are cancelled, and CancelledError is thrown once they
// have ended.
template <detail::Gatherable... As>
auto gather(As&&... awaitables) {
  if constexpr (sizeof...(As) == 1 && (detail::is_vector<std::remove_cvref_t<As>> && ...)) {
    static_assert((!std::is_lvalue_reference_v<As> && ...),
                  "gather(std::move(vector)): the coroutines are taken out of it");
    return detail::gather_vector<false>(std::forward<As>(awaitables)...);
  } else {
    return detail::gather_tuple<false>(std::forward<As>(awaitables)...);
  }
}

// As above; exceptions, also those of cancelled awaitables, become Outcomes in place of being
// thrown.
template <detail::Gatherable... As>
auto gather(ReturnExceptions, As&&... awaitables) {
  if constexpr (sizeof...(As) == 1 && (detail::is_vector<std::remove_cvref_t<As>> && ...)) {
    static_assert((!std::is_lvalue_reference_v<As> && ...),
                  "gather(std::move(vector)): the coroutines are taken out of it");
    return detail::gather_vector<true>(std::forward<As>(awaitables)...);
  } else {
    return detail::gather_tuple<true>(std::forward<As>(awaitables)...);
  }
}

}  // namespace heddle::asyncio
