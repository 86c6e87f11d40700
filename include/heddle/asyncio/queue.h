// asyncio::Queue, LifoQueue, PriorityQueue: items on their way between the tasks of one loop.
//
//     asyncio::Queue<Job> jobs(100);                     // at most 100: put() waits
//     co_await jobs.put(job);
//     while (auto next = co_await jobs.next()) ...       // ends when the queue is shut down
//
// A maxsize of zero or less means no bound. Items need only move. Nothing is lost when a task that
// waits is cancelled: an item it was woken for goes to the next. One loop only; between threads and
// loops use a Channel. Source: https://docs.python.org/3/library/asyncio-queue.html
#pragma once

#include <heddle/asyncio/coroutine.h>
#include <heddle/asyncio/wait_list.h>
#include <heddle/core/compiler.h>
#include <heddle/core/error.h>

#include <algorithm>
#include <cstddef>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

namespace heddle::asyncio {

// get_nowait() of an empty queue.
class QueueEmpty : public Error {
 public:
  QueueEmpty() : Error("") {}
};

// put_nowait() into a full queue.
class QueueFull : public Error {
 public:
  QueueFull() : Error("") {}
};

// The queue was shut down: it takes nothing any more, and has nothing left to give.
class QueueShutDown : public Error {
 public:
  QueueShutDown() : Error("") {}
};

namespace detail {

// The untyped part of a queue: who waits, and what is unfinished.
class QueueCore {
 public:
  explicit QueueCore(std::ptrdiff_t maxsize) noexcept : maxsize_(maxsize) {}
  QueueCore(const QueueCore&) = delete;  // parked tasks point at it
  QueueCore& operator=(const QueueCore&) = delete;

  std::ptrdiff_t maxsize() const noexcept { return maxsize_; }
  bool is_shutdown() const noexcept { return shut_down_; }
  std::size_t unfinished() const noexcept { return unfinished_; }

  // Waits for an item, or for room. The wait of a task that was woken and then cancelled goes to
  // the next one if what it was woken for is still there.
  class [[nodiscard]] Turn final : public WaitList::Awaiter {
   public:
    Turn(QueueCore& queue, bool getter) noexcept
        : Awaiter(getter ? queue.getters_ : queue.putters_, nullptr),
          queue_(queue),
          getter_(getter) {}

   private:
    void hand_on() noexcept override { queue_.wake(getter_); }
    QueueCore& queue_;
    bool getter_;
  };
  // Somebody else may use what a task was woken for, and could not use itself.
  void wake(bool getter);
  Turn item() noexcept { return Turn(*this, true); }
  Turn room() noexcept { return Turn(*this, false); }

  void require_open() const {
    if (shut_down_) throw_shut_down();
  }
  // Whether a queue that holds `items` takes no more.
  bool is_full(std::size_t items) const noexcept {
    return maxsize_ > 0 && items >= static_cast<std::size_t>(maxsize_);
  }
  // An item was put; one was taken.
  void added() {
    ++unfinished_;
    getters_.wake_one();
  }
  void removed() { putters_.wake_one(); }
  void task_done();
  Coro<void> join();
  void shut_down(bool immediate);

 protected:
  ~QueueCore() = default;
  virtual std::size_t size() const noexcept = 0;
  virtual void drop_items() noexcept = 0;

 private:
  [[noreturn]] static void throw_shut_down();

  std::ptrdiff_t maxsize_;
  std::size_t unfinished_ = 0;
  bool shut_down_ = false;
  WaitList getters_;
  WaitList putters_;
  WaitList joiners_;
};

// Where the items of each kind of queue are.
template <class T>
class FifoItems {
 public:
  void push(T&& item) {
    items_.push_back(std::move(item));
    ++size_;
  }
  T pop() {
    T item = std::move(items_.front());
    items_.pop_front();
    --size_;
    return item;
  }
  std::size_t size() const noexcept { return size_; }
  void clear() noexcept {
    items_.clear();
    size_ = 0;
  }

 private:
  std::deque<T> items_;
  std::size_t size_ = 0;  // a deque would compute it
};

template <class T>
class LifoItems {
 public:
  void push(T&& item) { items_.push_back(std::move(item)); }
  T pop() {
    T item = std::move(items_.back());
    items_.pop_back();
    return item;
  }
  std::size_t size() const noexcept { return items_.size(); }
  void clear() noexcept { items_.clear(); }

 private:
  std::vector<T> items_;
};

// The smallest first, by operator<.
template <class T>
class PriorityItems {
 public:
  void push(T&& item) {
    items_.push_back(std::move(item));
    std::push_heap(items_.begin(), items_.end(), later);
  }
  T pop() {
    std::pop_heap(items_.begin(), items_.end(), later);
    T item = std::move(items_.back());
    items_.pop_back();
    return item;
  }
  std::size_t size() const noexcept { return items_.size(); }
  void clear() noexcept { items_.clear(); }

 private:
  static bool later(const T& a, const T& b) { return b < a; }
  std::vector<T> items_;
};

// What an await of get(), next() or anext() does when the queue is shut down and empty.
enum class AtEnd : unsigned char { throws_shut_down, gives_nothing, throws_stop };

template <class T, class Items>
class BasicQueue : private QueueCore {
 public:
  using value_type = T;

  // maxsize: how many items it holds at most; zero or less: no bound.
  explicit BasicQueue(std::ptrdiff_t maxsize = 0) noexcept : QueueCore(maxsize) {}

  using QueueCore::is_shutdown;
  using QueueCore::maxsize;
  // How many items are in it. Exact until the next await.
  std::size_t qsize() const noexcept { return items_.size(); }
  bool empty() const noexcept { return items_.size() == 0; }
  bool full() const noexcept { return is_full(items_.size()); }

  // An await of put(). Needs a coroutine only if it has to wait. Serves one await.
  class [[nodiscard("co_await it")]] Put : private CoroutineLike {
   public:
    Put(BasicQueue& queue, T item) : queue_(&queue), item_(std::move(item)) {}
    // Before it begins.
    Put(Put&& other) noexcept(std::is_nothrow_move_constructible_v<T>)
        : queue_(std::exchange(other.queue_, nullptr)), item_(std::move(other.item_)) {}
    operator Coro<void>() && { return once(queue_).put_later(std::move(item_)); }

    bool await_ready() const noexcept { return queue_ != nullptr && !queue_->full(); }
    template <class P>
    bool await_suspend(std::coroutine_handle<P> awaiting) {
      waiting_.emplace(once(queue_).put_later(std::move(item_)).take(), awaiting.promise());
      return begin_await(*waiting_, awaiting);
    }
    void await_resume() {
      if (waiting_) [[unlikely]]
        return waiting_->await_resume();
      std::exchange(queue_, nullptr)->put_now(std::move(item_));
    }

   private:
    BasicQueue* queue_;  // null once it was awaited, or moved from
    T item_;
    std::optional<CoroAwaiter<void>> waiting_;
  };

  // An await of get(), next() or anext(). Needs a coroutine only if it has to wait. Serves one
  // await.
  template <class Result, AtEnd at_end>
  class [[nodiscard("co_await it")]] Get : private CoroutineLike {
   public:
    explicit Get(BasicQueue& queue) noexcept : queue_(&queue) {}
    // Before it begins.
    Get(Get&& other) noexcept : queue_(std::exchange(other.queue_, nullptr)) {}
    operator Coro<Result>() && { return once(queue_).template get_later<Result, at_end>(); }

    bool await_ready() const noexcept { return queue_ != nullptr && !queue_->empty(); }
    template <class P>
    bool await_suspend(std::coroutine_handle<P> awaiting) {
      waiting_.emplace(once(queue_).template get_later<Result, at_end>().take(),
                       awaiting.promise());
      return begin_await(*waiting_, awaiting);
    }
    Result await_resume() {
      if (waiting_) [[unlikely]]
        return waiting_->await_resume();
      return Result(std::exchange(queue_, nullptr)->take());
    }

   private:
    BasicQueue* queue_;  // as above
    std::optional<CoroAwaiter<Result>> waiting_;
  };

  // Puts an item, waiting for room. Throws QueueShutDown. Cancelled: the item was not put, and is
  // gone with this call.
  template <class U = T>
    requires std::is_constructible_v<T, U&&>
  Put put(U&& item) {
    static_assert(safe_in_await<U>,
                  "g++ 12 destroys this item twice when put() is awaited in place: give it a name "
                  "and std::move() it");
    return Put(*this, T(std::forward<U>(item)));
  }
  // Throws QueueFull when there is no room, QueueShutDown.
  void put_nowait(T item) {
    require_open();
    if (full()) throw QueueFull();
    add(std::move(item));
  }

  // Takes an item, waiting for one. Throws QueueShutDown when it is shut down and empty. Cancelled:
  // takes nothing.
  Get<T, AtEnd::throws_shut_down> get() noexcept { return Get<T, AtEnd::throws_shut_down>(*this); }
  // Throws QueueEmpty when there is none, QueueShutDown when it is shut down as well.
  T get_nowait() {
    if (empty()) {
      require_open();
      throw QueueEmpty();
    }
    return remove();
  }
  // As get(), but empty once the queue is shut down and everything was taken: for loops.
  Get<std::optional<T>, AtEnd::gives_nothing> next() noexcept {
    return Get<std::optional<T>, AtEnd::gives_nothing>(*this);
  }
  // As get(), with StopAsyncIteration at the end: an async iterator.
  Get<T, AtEnd::throws_stop> anext() noexcept { return Get<T, AtEnd::throws_stop>(*this); }

  // An item that was taken is dealt with. Throws ValueError "task_done() called too many times".
  void task_done() { QueueCore::task_done(); }
  // Waits until task_done() was called for every item that was put.
  // Cancelled: throws CancelledError.
  Coro<void> join() { return QueueCore::join(); }

  // Nothing can be put any more: puts throw QueueShutDown, also those that wait now; gets do once
  // the queue is empty. immediate: the items are dropped, and count as done. May be called again.
  void shutdown(bool immediate = false) { shut_down(immediate); }

 private:
  // The queue of an await that begins. Throws RuntimeError when it has begun before.
  static BasicQueue& once(BasicQueue*& queue) {
    if (queue == nullptr) throw_already_awaited();
    return *std::exchange(queue, nullptr);
  }
  Coro<void> put_later(T item) {
    while (full()) {
      require_open();
      co_await room();
    }
    put_now(std::move(item));
  }
  void add(T&& item) {
    items_.push(std::move(item));
    added();
  }
  // REQUIRES: !full(). An item that could not be put leaves room for another task's.
  void put_now(T&& item) {
    try {
      require_open();
      add(std::move(item));
    } catch (...) {
      wake(false);
      throw;
    }
  }
  template <class Result, AtEnd at_end>
  Coro<Result> get_later() {
    while (empty()) {
      if (is_shutdown()) {
        if constexpr (at_end == AtEnd::gives_nothing) co_return std::nullopt;
        if constexpr (at_end == AtEnd::throws_stop) throw StopAsyncIteration();
        require_open();
      }
      co_await item();
    }
    co_return Result(take());
  }
  T remove() {
    T taken = items_.pop();
    removed();
    return taken;
  }
  // REQUIRES: !empty(). An item whose move throws stays, and another task is told of it.
  T take() {
    if constexpr (std::is_nothrow_move_constructible_v<T>) return remove();
    try {
      return remove();
    } catch (...) {
      wake(true);
      throw;
    }
  }
  std::size_t size() const noexcept final { return items_.size(); }
  void drop_items() noexcept final { items_.clear(); }

  Items items_;
};

}  // namespace detail

// First in, first out.
template <class T>
class Queue : public detail::BasicQueue<T, detail::FifoItems<T>> {
 public:
  using detail::BasicQueue<T, detail::FifoItems<T>>::BasicQueue;
};

// The last one in comes out first.
template <class T>
class LifoQueue : public detail::BasicQueue<T, detail::LifoItems<T>> {
 public:
  using detail::BasicQueue<T, detail::LifoItems<T>>::BasicQueue;
};

// The smallest comes out first, by operator<; equal ones in any order.
template <class T>
class PriorityQueue : public detail::BasicQueue<T, detail::PriorityItems<T>> {
 public:
  using detail::BasicQueue<T, detail::PriorityItems<T>>::BasicQueue;
};

}  // namespace heddle::asyncio
