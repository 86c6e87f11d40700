// What Queue, LifoQueue and PriorityQueue have in common: everything but the order of the items.
#pragma once

#include <heddle/core/delay.h>
#include <heddle/queue/detail/iterator.h>
#include <heddle/queue/detail/queue_core.h>
#include <heddle/queue/errors.h>

#include <cstddef>
#include <iterator>
#include <optional>
#include <stop_token>
#include <type_traits>
#include <utility>

namespace heddle::queue::detail {

template <class T, class Items, Locks locks>
class BasicQueue {
 public:
  using value_type = T;

  // maxsize: how many items it holds at most; zero or less: no bound. Throws std::bad_alloc.
  explicit BasicQueue(std::ptrdiff_t maxsize = 0) : core_(maxsize, locks) {}

  // Puts an item, waiting for room. With block false it does not wait, and throws Full. Throws
  // ShutDown once the queue is shut down, also out of the wait. When it throws, the item is still
  // the caller's, and nothing was put.
  template <class U = T>
    requires std::is_constructible_v<T, U&&>
  void put(U&& item, bool block = true) {
    insert(std::forward<U>(item), {.block = block});
  }
  // As put(), waiting at most `timeout`: then throws Full. Throws ValueError for a negative one,
  // unless block is false or the queue has no bound, when it is of no account.
  template <class U = T>
    requires std::is_constructible_v<T, U&&>
  void put(U&& item, bool block, Delay timeout) {
    insert(std::forward<U>(item), {.block = block, .timeout = timeout});
  }
  template <class U = T>
    requires std::is_constructible_v<T, U&&>
  void put(U&& item, Delay timeout) {
    insert(std::forward<U>(item), {.timeout = timeout});
  }
  // As put(); a stop request ends the wait: throws CancelledError. A call that need not wait does
  // not look at it.
  template <class U = T>
    requires std::is_constructible_v<T, U&&>
  void put(U&& item, const std::stop_token& stop, std::optional<Delay> timeout = std::nullopt) {
    insert(std::forward<U>(item), {.timeout = timeout, .stop = &stop});
  }
  // put() with block false.
  template <class U = T>
    requires std::is_constructible_v<T, U&&>
  void put_nowait(U&& item) {
    insert(std::forward<U>(item), {.block = false});
  }

  // Takes the next item, waiting for one. With block false it does not wait, and throws Empty.
  // Throws ShutDown once the queue is shut down and empty, also out of the wait. When it throws,
  // nothing was taken.
  T get(bool block = true) { return take({.block = block}); }
  // As get(), waiting at most `timeout`: then throws Empty. Throws ValueError for a negative one,
  // unless block is false, when it is of no account.
  T get(bool block, Delay timeout) { return take({.block = block, .timeout = timeout}); }
  T get(Delay timeout) { return take({.timeout = timeout}); }
  // As get(); a stop request ends the wait: throws CancelledError.
  T get(const std::stop_token& stop, std::optional<Delay> timeout = std::nullopt) {
    return take({.timeout = timeout, .stop = &stop});
  }
  // get() with block false.
  T get_nowait() { return take({.block = false}); }

  // As get(), but empty once the queue is shut down and everything was taken: for loops. Python has
  // no such call.
  std::optional<T> next(const std::stop_token& stop = {}) {
    Passage passage(core_, Side::get, {.stop = &stop, .end_is_error = false});
    if (passage.at_end()) return std::nullopt;
    std::optional<T> item(std::move(items_.front()));
    items_.pop();
    passage.complete();
    return item;
  }
  // `for (T item : queue)`: takes items until the queue is shut down and empty. Any number of
  // threads may do so at once; each gets other items. Python has no such loop.
  auto begin() { return Iterator<BasicQueue>(*this); }
  std::default_sentinel_t end() noexcept { return {}; }

  // How many items are in it: a snapshot, as everything of these three.
  std::size_t qsize() const noexcept { return core_.size(); }
  bool empty() const noexcept { return core_.size() == 0; }
  bool full() const noexcept { return core_.full(); }
  // The bound; zero or less: none.
  std::ptrdiff_t maxsize() const noexcept { return core_.maxsize(); }

  // An item that was taken is dealt with. Throws ValueError "task_done() called too many times".
  void task_done() { core_.task_done(); }
  // Waits until task_done() was called for every item that was put.
  void join() { core_.join({}); }
  // As join(); a stop request ends the wait: throws CancelledError.
  void join(const std::stop_token& stop) { core_.join({.stop = &stop}); }
  // As join(), for at most `timeout`: false when it passed. Python's join() has no timeout.
  bool join(Delay timeout) { return core_.join({.timeout = timeout}); }
  // How many items were put and are not done: what join() waits for. A snapshot.
  std::size_t unfinished_tasks() const noexcept { return core_.unfinished(); }

  // Nothing can be put any more: put() throws ShutDown, also where it waits now; get() does once
  // the queue is empty. immediate: the items are dropped, and count as done; join() still waits for
  // those that were taken and are not done. May be called again, also to drop what is left.
  void shutdown(bool immediate = false) {
    typename Items::Bag dropped;  // dies when the queue is free again
    QueueCore::Closing closing(core_);
    if (!immediate) return;
    items_.empty_into(dropped);
    closing.dropped_items();
  }
  // Whether shutdown() was called.
  bool is_shutdown() const noexcept { return core_.is_shutdown(); }

 protected:
  BasicQueue(std::ptrdiff_t maxsize, Items items)
    requires std::is_move_constructible_v<Items>
      : core_(maxsize, locks), items_(std::move(items)) {}

 private:
  using Passage = QueueCore::Passage;

  template <class U>
  void insert(U&& item, const Wait& wait) {
    if constexpr (std::is_same_v<U, T>) {
      Passage passage(core_, Side::put, wait);
      items_.push(std::move(item));
      passage.complete();
    } else {
      // A copy, or a conversion, may take long: it is made while the queue is free.
      insert(T(std::forward<U>(item)), wait);
    }
  }
  T take(const Wait& wait) {
    Passage passage(core_, Side::get, wait);
    T item(std::move(items_.front()));
    items_.pop();
    passage.complete();
    return item;
  }

  QueueCore core_;
  Items items_;
};

}  // namespace heddle::queue::detail
