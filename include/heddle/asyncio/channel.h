// Channel: a bounded queue between threads and coroutines, of any loops, on both ends.
//
//     asyncio::Channel<Frame> frames(16);
//     threading::Thread camera([frames]() mutable {
//       while (auto frame = grab()) frames.put_blocking(*frame);     // a thread
//       frames.close();
//     });
//     while (auto frame = co_await frames.next()) show(*frame);      // a coroutine
//
// A Channel object is a handle; copies refer to the same channel, which lives as long as any of
// them. All of it is thread-safe. First come, first served on both ends, whoever waits. Nothing is
// lost and nothing comes twice: an item that was handed to a task which is cancelled before it
// runs, or whose loop ends, goes back to the front. Python has no such class; its users combine
// queue.Queue and asyncio.Queue.
#pragma once

#include <heddle/asyncio/coroutine.h>
#include <heddle/asyncio/event_loop.h>
#include <heddle/asyncio/queue.h>
#include <heddle/asyncio/wait_list.h>
#include <heddle/core/delay.h>

#include <heddle/threading/lock.h>
#include <deque>
#include <memory>
#include <optional>
#include <stop_token>
#include <utility>

namespace heddle::asyncio {

namespace detail {

// One end that waits. Its state changes under the channel's mutex only.
//
//     waiting   in the channel's list
//     granted   it got its item, or its item was taken; it is being woken
//     refused   the channel was closed
//     gone      it gave up
class ChannelWaiter : public ListLink {
 public:
  enum class State : unsigned char { waiting, granted, refused, gone };

  ChannelWaiter(void* slot_, bool getter_) noexcept : slot(slot_), getter(getter_) {}
  ChannelWaiter(const ChannelWaiter&) = delete;
  ChannelWaiter& operator=(const ChannelWaiter&) = delete;

  // Wakes whoever waits. Called under the mutex; needs no memory.
  virtual void wake_waiter() noexcept = 0;

  State state = State::waiting;
  void* slot;  // of the item: std::optional<T>
  bool getter;

 protected:
  ~ChannelWaiter() = default;
};

// The untyped part of a channel. Thread-safe.
class ChannelCore {
 public:
  // Throws ValueError for a capacity of zero or less.
  explicit ChannelCore(std::ptrdiff_t capacity);
  virtual ~ChannelCore();
  ChannelCore(const ChannelCore&) = delete;
  ChannelCore& operator=(const ChannelCore&) = delete;

  // Does it at once, or enlists the waiter. True when it is over: see waiter.state.
  bool begin(ChannelWaiter& waiter, bool enlist);
  // Gives the wait up; an item that was granted to a getter goes back. False when a putter's item
  // is taken already.
  bool give_up(ChannelWaiter& waiter) noexcept;
  // A getter got an item and cannot use it.
  void give_back(ChannelWaiter& waiter) noexcept;
  ChannelWaiter::State state_of(const ChannelWaiter& waiter) const noexcept;
  // Blocks this thread. Throws QueueFull or QueueEmpty at the timeout, CancelledError when stopped,
  // QueueShutDown, RuntimeError on a thread that runs a loop.
  void block(void* slot, bool getter, std::optional<Delay> timeout, const std::stop_token& stop);

  void close();
  bool closed() const noexcept;
  std::size_t size() const noexcept;
  std::size_t capacity() const noexcept { return capacity_; }

 protected:
  // Under the mutex.
  virtual std::size_t count() const noexcept = 0;
  virtual void give(void* slot) = 0;                  // the front item to a getter
  virtual void accept(void* slot) = 0;                // a putter's item to the end
  virtual void return_item(void* slot) noexcept = 0;  // to the front

 private:
  void serve();
  static void finish(ChannelWaiter& waiter, ChannelWaiter::State state) noexcept;

  mutable threading::Lock mutex_;
  std::size_t capacity_;
  bool closed_ = false;
  IntrusiveList<ChannelWaiter> getters_;
  IntrusiveList<ChannelWaiter> putters_;
};

template <class T>
class ChannelItems final : public ChannelCore {
 public:
  using ChannelCore::ChannelCore;

 private:
  static std::optional<T>& in(void* slot) noexcept { return *static_cast<std::optional<T>*>(slot); }
  std::size_t count() const noexcept override { return items_.size(); }
  void give(void* slot) override {
    in(slot).emplace(std::move(items_.front()));
    items_.pop_front();
  }
  void accept(void* slot) override {
    items_.push_back(std::move(*in(slot)));
    in(slot).reset();
  }
  void return_item(void* slot) noexcept override {
    items_.push_front(std::move(*in(slot)));
    in(slot).reset();
  }

  std::deque<T> items_;
};

class ChannelTask;

// A task that waits at a channel.
class ChannelParking : public Parking {
 public:
  ChannelParking(std::shared_ptr<ChannelCore> channel, bool getter) noexcept
      : channel_(std::move(channel)), getter_(getter) {}
  ChannelParking(ChannelParking&& other) noexcept  // before it begins
      : channel_(std::move(other.channel_)), getter_(other.getter_) {}

 protected:
  ~ChannelParking() override = default;
  // The await is over, or its coroutine is destroyed: what it was granted and has not taken goes
  // back. Called by the destructors below, which own the slot.
  void retire() noexcept;
  bool ready(void* slot);
  void suspend(heddle::detail::Frame& frame, void* slot);
  // Throws CancelledError, QueueShutDown.
  void resume();

 private:
  friend class ChannelTask;
  void abandon() noexcept override;
  bool pass_cancel(const std::string& message) override;
  // Its item may have been granted by another thread meanwhile.
  bool ends_when_abandoned() const noexcept override { return false; }
  void hand_on() noexcept override;

  std::shared_ptr<ChannelCore> channel_;
  std::shared_ptr<ChannelTask> waiter_;
  bool getter_;
  bool refused_ = false;
  bool cancel_later_ = false;  // a cancellation came when the item was taken already
};

template <class T>
class [[nodiscard("co_await it")]] ChannelPut final : public ChannelParking {
 public:
  ChannelPut(std::shared_ptr<ChannelCore> channel, T item)
      : ChannelParking(std::move(channel), false), item_(std::move(item)) {}
  ChannelPut(ChannelPut&&) = default;
  ~ChannelPut() override { retire(); }
  bool await_ready() { return ready(&item_); }
  template <class P>
  void await_suspend(std::coroutine_handle<P> handle) {
    suspend(handle.promise(), &item_);
  }
  void await_resume() { resume(); }

 private:
  std::optional<T> item_;
};

template <class T, class Result>
class [[nodiscard("co_await it")]] ChannelGet final : public ChannelParking {
 public:
  explicit ChannelGet(std::shared_ptr<ChannelCore> channel)
      : ChannelParking(std::move(channel), true) {}
  ChannelGet(ChannelGet&&) = default;
  ~ChannelGet() override { retire(); }
  bool await_ready() { return ready(&item_); }
  template <class P>
  void await_suspend(std::coroutine_handle<P> handle) {
    suspend(handle.promise(), &item_);
  }
  Result await_resume() {
    if constexpr (std::is_same_v<Result, T>) {
      resume();
      return *std::move(item_);
    } else {
      try {
        resume();
      } catch (const QueueShutDown&) {
        return std::nullopt;
      }
      return std::move(item_);
    }
  }

 private:
  std::optional<T> item_;
};

}  // namespace detail

template <class T>
class Channel {
 public:
  using value_type = T;

  // capacity: how many items it holds. Throws ValueError when it is not positive.
  explicit Channel(std::ptrdiff_t capacity)
      : core_(std::make_shared<detail::ChannelItems<T>>(capacity)) {}

  // For coroutines. Puts an item, waiting for room. Throws QueueShutDown.
  // Cancelled: the item was not put; if it was taken by then, put() succeeds and the next await
  // throws CancelledError.
  template <class U = T>
  detail::ChannelPut<T> put(U&& item) {
    static_assert(safe_in_await<U>,
                  "g++ 12 destroys this item twice when put() is awaited in place: give it a name "
                  "and std::move() it");
    return detail::ChannelPut<T>(core_, T(std::forward<U>(item)));
  }
  // Takes an item, waiting for one. Throws QueueShutDown once it is closed and empty.
  // Cancelled: takes nothing.
  detail::ChannelGet<T, T> get() { return detail::ChannelGet<T, T>(core_); }
  // As get(), but empty at the end: for loops.
  detail::ChannelGet<T, std::optional<T>> next() {
    return detail::ChannelGet<T, std::optional<T>>(core_);
  }

  // For threads that run no loop. As put() and get(), blocking. timeout: throws QueueFull
  // (QueueEmpty) when it is over; none: no limit. stop: throws CancelledError when stop is
  // requested. Throws RuntimeError on a thread that runs a loop, which would stand still.
  void put_blocking(T item, std::optional<Delay> timeout = std::nullopt,
                    std::stop_token stop = {}) {
    std::optional<T> slot(std::move(item));
    core_->block(&slot, false, timeout, stop);
  }
  T get_blocking(std::optional<Delay> timeout = std::nullopt, std::stop_token stop = {}) {
    std::optional<T> slot;
    core_->block(&slot, true, timeout, stop);
    return *std::move(slot);
  }
  std::optional<T> next_blocking(std::stop_token stop = {}) {
    std::optional<T> slot;
    try {
      core_->block(&slot, true, std::nullopt, stop);
    } catch (const QueueShutDown&) {
      return std::nullopt;
    }
    return slot;
  }

  // For both. Throw QueueFull (QueueEmpty) when they would have to wait, QueueShutDown.
  void put_nowait(T item) {
    std::optional<T> slot(std::move(item));
    core_->block(&slot, false, Delay::from_nanoseconds(0), {});
  }
  T get_nowait() {
    std::optional<T> slot;
    core_->block(&slot, true, Delay::from_nanoseconds(0), {});
    return *std::move(slot);
  }

  // Nothing can be put any more; what is in it can still be taken. Ends the waits of putters, and
  // of getters once it is empty. May be called again.
  void close() { core_->close(); }
  bool closed() const noexcept { return core_->closed(); }
  // A snapshot.
  std::size_t qsize() const noexcept { return core_->size(); }
  std::size_t capacity() const noexcept { return core_->capacity(); }

 private:
  std::shared_ptr<detail::ChannelCore> core_;
};

}  // namespace heddle::asyncio
