// queue::SimpleQueue: first in, first out, without a bound, and put() may be called from anywhere.
//
//     queue::SimpleQueue<Message> log;
//     log.put(message);              // never waits for anybody
//     Message next = log.get();
//
// Thread-safe. put() takes no lock: it finishes whatever other threads do, and may be called inside
// any other call of the same queue, so from the move, copy and destructor of an item.
//
// In a signal handler: put() of a Place that was reserved before, with an item whose move neither
// allocates nor throws. It uses lock-free atomics and, if a thread sleeps, one futex call, and
// keeps errno. Any other put() allocates, which a handler must not do; reserve(), get() and the
// rest may not be called in a handler either.
//
// get() is served in order; one getter at a time takes items, and the item's move runs inside: it
// may put(), but not get(). Nothing is lost: a call that throws has put or taken nothing.
// Destroying it while a thread is in a call is undefined.
// Source: https://docs.python.org/3/library/queue.html#simplequeue-objects
//
// Differs from Python: put() has no block and timeout, which are of no account there; next(),
// reserve() and stop tokens are additions. As there, no task_done(), join() and shutdown().
#pragma once

#include <heddle/core/delay.h>
#include <heddle/queue/detail/simple_core.h>
#include <heddle/queue/errors.h>

#include <cstddef>
#include <memory>
#include <new>
#include <optional>
#include <stop_token>
#include <type_traits>
#include <utility>

namespace heddle::queue {

template <class T>
class SimpleQueue {
  struct Node : detail::SimpleNode {
    ~Node() {
      if (full) std::destroy_at(item());
    }
    T* item() noexcept { return std::launder(reinterpret_cast<T*>(bytes)); }

    bool full = false;
    alignas(T) std::byte bytes[sizeof(T)];
  };

 public:
  using value_type = T;

  // Room for one item, so that put() need not allocate. Empty after put().
  class Place {
   public:
    // Whether it is still to be used.
    explicit operator bool() const noexcept { return node_ != nullptr; }

   private:
    friend SimpleQueue;
    explicit Place(std::unique_ptr<Node> node) noexcept : node_(std::move(node)) {}
    std::unique_ptr<Node> node_;
  };

  SimpleQueue() = default;
  SimpleQueue(const SimpleQueue&) = delete;  // waiting threads point at it
  SimpleQueue& operator=(const SimpleQueue&) = delete;
  ~SimpleQueue() {
    while (detail::SimpleNode* node = core_.take_any()) delete static_cast<Node*>(node);
  }

  // Puts an item. Throws std::bad_alloc, and what making the item throws: then nothing was put.
  template <class U = T>
    requires std::is_constructible_v<T, U&&>
  void put(U&& item) {
    Place place = reserve();
    put(place, std::forward<U>(item));
  }
  // As put(); the name is Python's.
  template <class U = T>
    requires std::is_constructible_v<T, U&&>
  void put_nowait(U&& item) {
    put(std::forward<U>(item));
  }

  // Room for a later put(). Throws std::bad_alloc.
  Place reserve() { return Place(std::make_unique<Node>()); }
  // Puts an item there; allocates nothing itself. REQUIRES: the place is not empty.
  template <class U = T>
    requires std::is_constructible_v<T, U&&>
  void put(Place& place, U&& item) noexcept(std::is_nothrow_constructible_v<T, U&&>) {
    std::construct_at(reinterpret_cast<T*>(place.node_->bytes), std::forward<U>(item));
    place.node_->full = true;
    core_.put(*place.node_.release());
  }

  // Takes the oldest item, waiting for one. With block false it does not wait, and throws Empty.
  T get(bool block = true) { return take({.block = block}); }
  // As get(), waiting at most `timeout`: then throws Empty. Throws ValueError for a negative one,
  // unless block is false, when it is of no account.
  T get(bool block, Delay timeout) { return take({.block = block, .timeout = timeout}); }
  T get(Delay timeout) { return take({.timeout = timeout}); }
  // As get(); a stop request ends the wait: throws CancelledError. A call that need not wait does
  // not look at it.
  T get(const std::stop_token& stop, std::optional<Delay> timeout = std::nullopt) {
    return take({.timeout = timeout, .stop = &stop});
  }
  // get() with block false.
  T get_nowait() { return take({.block = false}); }

  // How many items are in it: a snapshot, as empty().
  std::size_t qsize() const noexcept { return core_.size(); }
  bool empty() const noexcept { return core_.size() == 0; }

 private:
  T take(const detail::Wait& wait) {
    std::unique_ptr<Node> node;  // dies when the queue is free again
    detail::SimpleCore::Passage passage(core_, wait);
    T item(std::move(*static_cast<Node&>(passage.front()).item()));
    node.reset(&static_cast<Node&>(passage.complete()));
    return item;
  }

  detail::SimpleCore core_;
};

}  // namespace heddle::queue
