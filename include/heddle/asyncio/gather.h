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
#include <heddle/detail/memory_blocks.h>

#include <algorithm>
#include <array>
#include <memory>
#include <new>
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

using heddle::detail::FreeLists;

// The untyped part of a gather: counts its children. It keeps itself until the last of them is
// done. It is told of each child as that ends, and looks at the outcome through the ready queue:
// once for the first failure, once for the last child.
class GatherCore : public PlainFuture, public Lingering {
 public:
  // Where a gather waits in one of its children.
  struct Child final : DoneWaiter {
    void done(FutureCore& finished) noexcept override { gather->child_done(finished); }
    void drop() noexcept override { gather->child_dropped(); }
    FutureCore* waiter() const noexcept override { return gather; }

    GatherCore* gather = nullptr;
  };

  GatherCore(LoopCore& loop, bool keep_exceptions) noexcept
      : PlainFuture(loop), keep_exceptions_(keep_exceptions) {}
  bool cancel(const std::string& message) override;
  void let_go() noexcept override;
  void run() override;

 protected:
  // Begins to count: keeps itself until that many children are done.
  void expect(std::size_t count);
  // All are done and none of their exceptions is to be thrown: builds the value. May throw.
  virtual void collect() = 0;
  virtual FutureCore& child(std::size_t index) noexcept = 0;
  // The children are not needed any more.
  virtual void release_children() noexcept = 0;

  template <class T>
  static Stored<T> take_child(FutureCore& child) {
    // Nobody else can ask a future whose only handle is the gather's.
    if constexpr (std::is_void_v<T>) {
      take_value<T>(child, true);
      return {};
    } else if constexpr (std::is_reference_v<T>) {
      return &take_value<T>(child, true);
    } else {
      return take_value<T>(child, child.use_count() == 1);
    }
  }
  // The value of a child; with keep, its Outcome.
  template <bool keep, class T>
  static std::conditional_t<keep, Outcome<T>, Stored<T>> result_of(FutureCore& child) {
    if constexpr (keep) {
      try {
        return Outcome<T>(take_child<T>(child));
      } catch (...) {
        return Outcome<T>(std::current_exception());
      }
    } else {
      return take_child<T>(child);
    }
  }

 private:
  void child_done(FutureCore& child) noexcept {
    if (!child.succeeded() && !keep_exceptions_) [[unlikely]]
      child_failed(child);
    if (--unfinished_ == 0) last_child_done(child);
  }
  void child_failed(FutureCore& child) noexcept;
  void last_child_done(FutureCore& child) noexcept;
  void child_dropped() noexcept;
  Ref<GatherCore> take_self() noexcept;
  void finish_as(FutureCore& child) noexcept;
  void finish_all();

  std::size_t count_ = 0;
  std::size_t unfinished_ = 0;
  Ref<FutureCore> failed_;  // the first child that failed, if that ends the gather
  Ref<FutureCore> last_;    // the child that ended last
  bool keep_exceptions_;
  bool cancel_requested_ = false;
};

// A child that was a future already, or became a task of its own.
struct WatchedFuture {
  GatherCore::Child child;
  Ref<FutureCore> future;

  void watch(GatherCore& gather) {
    child.gather = &gather;
    future->add_waiter(child);
  }
  void release() noexcept {
    child.unlink();
    future = {};
  }
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
  void start() {
    this->expect(children.size());
    for (WatchedFuture& child : children) child.watch(*this);
  }
  std::array<WatchedFuture, sizeof...(Ts)> children;

 private:
  FutureCore& child(std::size_t index) noexcept override { return *children[index].future; }
  void release_children() noexcept override {
    for (WatchedFuture& child : children) child.release();
  }
  void collect() override { collect_each(std::index_sequence_for<Ts...>()); }
  template <std::size_t... I>
  void collect_each(std::index_sequence<I...>) {
    this->value_.emplace(GatherCore::result_of<keep, Ts>(*children[I].future)...);
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
        children(new WatchedFuture[size]),
        size_(size) {}
  void start() {
    this->expect(size_);
    for (std::size_t i = 0; i < size_; ++i) children[i].watch(*this);
  }
  std::unique_ptr<WatchedFuture[]> children;

 private:
  FutureCore& child(std::size_t index) noexcept override { return *children[index].future; }
  void release_children() noexcept override {
    for (std::size_t i = 0; i < size_; ++i) children[i].release();
  }
  void collect() override {
    VectorResult<keep, T> results;
    results.reserve(size_);
    for (std::size_t i = 0; i < size_; ++i) {
      results.push_back(GatherCore::result_of<keep, T>(*children[i].future));
    }
    this->value_.emplace(std::move(results));
  }

  std::size_t size_;
};

// A task whose memory belongs to the gather that made it.
template <class T>
class GatheredTask final : public TaskCell<T> {
 public:
  GatheredTask(LoopCore& loop, CoroPromise<T>& root, GatherCore& gather) noexcept
      : TaskCell<T>(loop, root, TaskCore::Start::plainly) {  // its one reference is the gather's
    child_.gather = &gather;
    this->add_waiter_to_pending(child_);
  }
  static void operator delete(GatheredTask* task, std::destroying_delete_t) noexcept {
    Ref<GatherCore> memory = Ref<GatherCore>::adopt(task->child_.gather);
    task->~GatheredTask();
  }
  void unwatch() noexcept { child_.unlink(); }

 private:
  GatherCore::Child child_;
};

// Gathers coroutines, as tasks that lie side by side. Each of them holds the gather.
template <bool keep, class T>
class CoroGather final : public Cell<GatherCore, VectorResult<keep, T>> {
 public:
  using Task = GatheredTask<T>;

  CoroGather(LoopCore& loop, std::size_t size)
      : Cell<GatherCore, VectorResult<keep, T>>(loop, keep),
        blocks_((size + per_block - 1) / per_block, block_size),
        size_(size) {
    blocks_.allocate();
  }
  // REQUIRES: all of them are valid.
  template <class A>
  void start(std::vector<A>& coroutines) {
    this->expect(size_);
    this->retain(static_cast<std::uint32_t>(size_));
    held_ = size_;
    A* coroutine = coroutines.data();
    each_place(size_, [&](void* place) {
      ::new (place) Task(this->loop(), (coroutine++)->take(), *this);
    });
  }

 private:
  static constexpr std::size_t per_block = sizeof(Task) < heddle::detail::FreeLists::largest
                                               ? heddle::detail::FreeLists::largest / sizeof(Task)
                                               : 1;
  static constexpr std::size_t block_size = per_block * sizeof(Task);

  static Task& task_at(void* place) noexcept { return *std::launder(static_cast<Task*>(place)); }
  FutureCore& child(std::size_t index) noexcept override {
    return task_at(static_cast<char*>(blocks_.block(index / per_block)) +
                   index % per_block * sizeof(Task));
  }
  // Calls function(place) for the places of the first `count` tasks.
  template <class F>
  void each_place(std::size_t count, F function) {
    for (std::size_t block = 0; count != 0; ++block) {
      auto* place = static_cast<char*>(blocks_.block(block));
      std::size_t here = std::min(count, per_block);
      count -= here;
      for (char* end = place + here * sizeof(Task); place != end; place += sizeof(Task))
        function(place);
    }
  }
  void release_children() noexcept override {
    // Most are destroyed here; then what they hold of the gather is given back at once. The caller
    // holds it, too.
    std::uint32_t ended = 0;
    each_place(std::exchange(held_, 0), [&ended](void* place) {
      Task& child = task_at(place);
      child.unwatch();
      if (!child.Counted::release()) return;
      child.report_unretrieved();
      child.~Task();
      ++ended;
    });
    this->Counted::release(ended);
  }
  void collect() override {
    VectorResult<keep, T> results;
    results.reserve(size_);
    each_place(size_, [&results](void* place) {
      results.push_back(GatherCore::result_of<keep, T>(task_at(place)));
    });
    this->value_.emplace(std::move(results));
  }

  heddle::detail::MemoryBlocks blocks_;
  std::size_t size_;
  std::size_t held_ = 0;  // tasks that are not released: all, or none
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
  gather->start();
  return future;
}

// Throws unless each of them can be started.
template <class T>
void require_startable(const std::vector<Coro<T>>& coroutines) {
  for (const Coro<T>& coroutine : coroutines) {
    if (!coroutine.valid()) throw_already_awaited();
  }
}

bool starts_tasks_plainly(const LoopCore& loop) noexcept;

template <bool keep, class A>
auto gather_vector(std::vector<A>&& awaitables) {
  using T = ResultOf<A>;
  LoopCore& loop = running_loop_core();
  if constexpr (is_coro<A>) {
    if (starts_tasks_plainly(loop)) {
      require_startable(awaitables);
      auto* gather = new CoroGather<keep, T>(loop, awaitables.size());
      Future<VectorResult<keep, T>> future{Ref<FutureCore>(gather)};
      gather->start(awaitables);
      return future;
    }
  }
  auto* gather = new VectorGather<keep, T>(loop, awaitables.size());
  Future<VectorResult<keep, T>> future{Ref<FutureCore>(gather)};
  for (std::size_t i = 0; i < awaitables.size(); ++i) {
    gather->children[i].future = ensure_future(std::move(awaitables[i])).core();
  }
  gather->start();
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
