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
#include <heddle/asyncio/detail/queue_items.h>
#include <heddle/asyncio/wait_list.h>
#include <heddle/core/compiler.h>
#include <heddle/core/error.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>
#include <utility>

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

// The untyped part of a queue: how many items, who waits, and what is unfinished.
class QueueCore {
 public:
  explicit QueueCore(std::ptrdiff_t maxsize) noexcept
      : maxsize_(maxsize), room_(maxsize > 0 ? static_cast<std::size_t>(maxsize) : SIZE_MAX) {}
  QueueCore(const QueueCore&) = delete;  // parked tasks point at it
  QueueCore& operator=(const QueueCore&) = delete;

  std::ptrdiff_t maxsize() const noexcept { return maxsize_; }
  bool is_shutdown() const noexcept { return shut_down_; }
  std::size_t unfinished() const noexcept { return unfinished_; }
  std::size_t qsize() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }
  bool full() const noexcept { return size_ >= room_; }

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
  Turn item() noexcept {
    plain_puts_below_ = 0;
    return Turn(*this, true);
  }
  Turn room() noexcept {
    plain_gets_above_ = SIZE_MAX;
    return Turn(*this, false);
  }

  void require_open() const {
    if (shut_down_) throw_shut_down();
  }
  // One comparison says that there is room, that it is open, and that no task waits for an item:
  // then a put concerns nobody else. False may be out of date.
  bool puts_plainly() const noexcept { return size_ < plain_puts_below_; }
  // The same of a get: there is an item, and no task waits for room.
  bool gets_plainly() const noexcept { return size_ > plain_gets_above_; }
  // An item was put; one was taken.
  void added() {
    if (!puts_plainly()) [[unlikely]]
      return added_otherwise();
    count_added();
  }
  void count_added() noexcept {
    ++size_;
    ++unfinished_;
  }
  void removed() {
    if (!gets_plainly()) [[unlikely]]
      return removed_otherwise();
    --size_;
  }
  void task_done();
  Coro<void> join();
  void shut_down(bool immediate);

 protected:
  ~QueueCore() = default;
  virtual void drop_items() noexcept = 0;

 private:
  [[noreturn]] static void throw_shut_down();
  void added_otherwise();
  void removed_otherwise();
  void look_who_waits() noexcept {
    plain_puts_below_ = shut_down_ || !getters_.empty() ? 0 : room_;
    plain_gets_above_ = putters_.empty() ? 0 : SIZE_MAX;
  }

  std::ptrdiff_t maxsize_;
  std::size_t room_;  // for so many items
  std::size_t size_ = 0;
  std::size_t plain_puts_below_ = room_;
  std::size_t plain_gets_above_ = 0;
  std::size_t unfinished_ = 0;
  bool shut_down_ = false;
  WaitList getters_;
  WaitList putters_;
  WaitList joiners_;
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
  std::size_t qsize() const noexcept { return QueueCore::qsize(); }
  bool empty() const noexcept { return QueueCore::empty(); }
  bool full() const noexcept { return QueueCore::full(); }

  // An await of put(). Needs a coroutine only if it has to wait. Serves one await.
  class [[nodiscard("co_await it")]] Put : private CoroutineLike {
   public:
    Put(BasicQueue& queue, T item) : queue_(&queue), item_(std::move(item)) {}
    // Before it begins.
    Put(Put&& other) noexcept(std::is_nothrow_move_constructible_v<T>)
        : queue_(std::exchange(other.queue_, nullptr)), item_(std::move(other.item_)) {}
    ~Put() {
      if (waits_) [[unlikely]]
        std::destroy_at(&waiting_);
    }
    operator Coro<void>() && { return once(queue_).put_later(std::move(item_)); }

    bool await_ready() {
      if (queue_ == nullptr || !put_at_once()) return false;
      waits_ = false;  // as it is: so the compiler knows it in await_resume()
      return true;
    }
    template <class P>
    void await_suspend(std::coroutine_handle<P> awaiting) {
      auto& coroutine = once(queue_).put_later(std::move(item_)).take();
      std::construct_at(&waiting_, coroutine, awaiting.promise());
      waits_ = true;
      // It ends at once only if it may not wait here: this throws.
      if (!begin_await(waiting_, awaiting)) waiting_.await_resume();
    }
    void await_resume() {
      if (waits_) [[unlikely]]
        waiting_.await_resume();
    }

   private:
    bool put_at_once() {
      if (queue_->puts_plainly()) [[likely]] {
        queue_->items_.push(std::move(item_));
        queue_->count_added();
      } else if (!queue_->put_otherwise(std::move(item_))) {
        return false;
      }
      queue_ = nullptr;
      return true;
    }

    BasicQueue* queue_;  // null once it was awaited, or moved from
    T item_;
    bool waits_ = false;
    union {
      CoroAwaiter<void> waiting_;  // while waits_
    };
  };

  // An await of get(), next() or anext(). Needs a coroutine only if it has to wait. Serves one
  // await.
  template <class Result, AtEnd at_end>
  class [[nodiscard("co_await it")]] Get : private CoroutineLike {
   public:
    explicit Get(BasicQueue& queue) noexcept : queue_(&queue) {}
    // Before it begins.
    Get(Get&& other) noexcept : queue_(std::exchange(other.queue_, nullptr)) {}
    ~Get() {
      if (waits_) [[unlikely]]
        std::destroy_at(&waiting_);
    }
    operator Coro<Result>() && { return once(queue_).template get_later<Result, at_end>(); }

    bool await_ready() noexcept {
      if (queue_ == nullptr || !(queue_->gets_plainly() || queue_->gives_at_once())) return false;
      waits_ = false;  // as above
      return true;
    }
    template <class P>
    void await_suspend(std::coroutine_handle<P> awaiting) {
      auto& coroutine = once(queue_).template get_later<Result, at_end>().take();
      std::construct_at(&waiting_, coroutine, awaiting.promise());
      waits_ = true;
      if (!begin_await(waiting_, awaiting)) waiting_.await_resume();  // as above
    }
    Result await_resume() {
      if (waits_) [[unlikely]]
        return waiting_.await_resume();
      BasicQueue& queue = *std::exchange(queue_, nullptr);
      if (!queue.gets_plainly()) [[unlikely]]
        return queue.template take_otherwise<Result, at_end>();
      return Result(queue.remove());
    }

   private:
    BasicQueue* queue_;  // as above
    bool waits_ = false;
    union {
      CoroAwaiter<Result> waiting_;
    };
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
  // False, with the item where it was, when it has to wait.
  [[gnu::noinline]] bool put_otherwise(T&& item) {
    if (full()) return false;
    put_now(std::move(item));
    return true;
  }
  // There is an item, or there will never be one.
  bool gives_at_once() const noexcept { return !empty() || is_shutdown(); }
  template <class Result, AtEnd at_end>
  Result at_end_of_items() {
    if constexpr (at_end == AtEnd::gives_nothing) return std::nullopt;
    if constexpr (at_end == AtEnd::throws_stop) throw StopAsyncIteration();
    require_open();
    std::abort();
  }
  // REQUIRES: gives_at_once()
  template <class Result, AtEnd at_end>
  [[gnu::noinline]] Result take_otherwise() {
    if (empty()) return at_end_of_items<Result, at_end>();
    return Result(take());
  }
  template <class Result, AtEnd at_end>
  Coro<Result> get_later() {
    while (!gives_at_once()) co_await item();
    co_return take_otherwise<Result, at_end>();
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

// The smallest comes out first, by operator<; equal ones in any order. Differs from Python: an item
// whose comparison throws as it is put is not in the queue.
template <class T>
class PriorityQueue : public detail::BasicQueue<T, detail::PriorityItems<T>> {
 public:
  using detail::BasicQueue<T, detail::PriorityItems<T>>::BasicQueue;
};

}  // namespace heddle::asyncio
