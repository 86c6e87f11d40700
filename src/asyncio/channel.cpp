#include <mutex>

#include <heddle/asyncio/channel.h>

#include "asyncio/loop_core.h"
#include "core/futex.h"

namespace heddle::asyncio::detail {

using State = ChannelWaiter::State;

ChannelCore::ChannelCore(std::ptrdiff_t capacity) : capacity_(static_cast<std::size_t>(capacity)) {
  if (capacity <= 0) throw ValueError("a Channel needs a capacity of at least 1");
}

ChannelCore::~ChannelCore() = default;

void ChannelCore::finish(ChannelWaiter& waiter, State state) noexcept {
  waiter.unlink();
  waiter.state = state;
  waiter.wake_waiter();
}

// Under the mutex: matches items with those who wait, until one side has nothing more.
void ChannelCore::serve() {
  while (true) {
    if (!putters_.empty() && count() < capacity_ && !closed_) {
      ChannelWaiter& putter = putters_.front();
      accept(putter.slot);
      finish(putter, State::granted);
    } else if (!getters_.empty() && count() > 0) {
      ChannelWaiter& getter = getters_.front();
      give(getter.slot);
      finish(getter, State::granted);
    } else {
      break;
    }
  }
  if (!closed_) return;
  while (!putters_.empty()) finish(putters_.front(), State::refused);
  while (!getters_.empty() && count() == 0) finish(getters_.front(), State::refused);
}

bool ChannelCore::begin(ChannelWaiter& waiter, bool enlist) {
  std::lock_guard lock(mutex_);
  if (waiter.getter) {
    if (count() > 0 && getters_.empty()) {
      give(waiter.slot);
      waiter.state = State::granted;
      serve();
      return true;
    }
    if (closed_ && count() == 0) waiter.state = State::refused;
  } else if (closed_) {
    waiter.state = State::refused;
  } else if (count() < capacity_ && putters_.empty()) {
    accept(waiter.slot);
    waiter.state = State::granted;
    serve();
    return true;
  }
  if (waiter.state == State::refused) return true;
  if (enlist) (waiter.getter ? getters_ : putters_).push_back(waiter);
  return false;
}

bool ChannelCore::give_up(ChannelWaiter& waiter) noexcept {
  std::lock_guard lock(mutex_);
  switch (waiter.state) {
    case State::waiting:
      waiter.unlink();
      waiter.state = State::gone;
      return true;
    case State::granted:
      if (!waiter.getter) return false;
      return_item(waiter.slot);
      waiter.state = State::gone;
      serve();
      return true;
    case State::refused:
    case State::gone:
      return true;
  }
  return true;
}

void ChannelCore::give_back(ChannelWaiter& waiter) noexcept { give_up(waiter); }

State ChannelCore::state_of(const ChannelWaiter& waiter) const noexcept {
  std::lock_guard lock(mutex_);
  return waiter.state;
}

void ChannelCore::close() {
  std::lock_guard lock(mutex_);
  closed_ = true;
  serve();
}

bool ChannelCore::closed() const noexcept {
  std::lock_guard lock(mutex_);
  return closed_;
}

std::size_t ChannelCore::size() const noexcept {
  std::lock_guard lock(mutex_);
  return count();
}

namespace {

// A thread that waits: sleeps on `word`.
class ChannelThread final : public ChannelWaiter {
 public:
  using ChannelWaiter::ChannelWaiter;

  void wake_waiter() noexcept override {
    word.store(1, std::memory_order_release);
    core::wake_all(word);
  }

  std::atomic<std::uint32_t> word{0};
};

}  // namespace

void ChannelCore::block(void* slot, bool getter, std::optional<Delay> timeout,
                        const std::stop_token& stop) {
  ChannelThread waiter(slot, getter);
  bool waits = !timeout || timeout->nanoseconds() > 0;
  if (timeout && timeout->nanoseconds() < 0)
    throw ValueError("'timeout' must be a non-negative number");
  if (waits && heddle::detail::thread_state.loop != nullptr) {
    throw RuntimeError(
        "blocking on a Channel would stop this thread's event loop: co_await put() or get()");
  }
  if (!begin(waiter, waits) && waits) {
    Nanoseconds deadline = core::deadline_after(timeout ? timeout->nanoseconds() : time_max);
    std::stop_callback wake_up(stop, [&waiter] {
      waiter.word.store(1, std::memory_order_release);
      core::wake_all(waiter.word);
    });
    core::wait_while_equal(waiter.word, 0, deadline);
  }
  switch (state_of(waiter)) {
    case State::granted:
      return;
    case State::refused:
      throw QueueShutDown();
    case State::waiting:
    case State::gone:
      break;
  }
  // In time, or taken in the last moment.
  if (!waiter.getter && !give_up(waiter)) return;
  if (waiter.getter) {
    std::lock_guard lock(mutex_);
    if (waiter.state == State::granted) return;
    waiter.unlink();
    waiter.state = State::gone;
  }
  if (stop.stop_requested()) throw CancelledError();
  if (getter) throw QueueEmpty();
  throw QueueFull();
}

// A task that waits. Owned by its parking, and by the callback that wakes it. That is made before
// it is needed, so that waking needs no memory.
class ChannelTask final : public ChannelWaiter {
 public:
  ChannelTask(ChannelParking& parking, void* slot_, bool getter_)
      : ChannelWaiter(slot_, getter_), parking_(&parking), loop_(get_running_loop()) {}

  // Makes the callback; it refers to this object by `self`.
  void prepare(std::shared_ptr<ChannelTask> self) {
    auto wakes = [waiter = std::move(self)] {
      if (waiter->parking_ != nullptr) waiter->parking_->wake();
    };
    wake_up_ = Ref<HandleCore>(new CallbackCore<decltype(wakes)>(std::move(wakes))).detach();
  }
  // The loop's thread, when nobody can wake it any more, or the wake-up is on its way.
  void leave() noexcept {
    parking_ = nullptr;
    Ref<HandleCore>::adopt(std::exchange(wake_up_, nullptr));
  }

  void wake_waiter() noexcept override {
    try {
      loop_.core().post(Ref<HandleCore>::adopt(std::exchange(wake_up_, nullptr)));
    } catch (...) {
      // The loop is closed. Its task is destroyed, and gives back what it was granted.
    }
  }

 private:
  ChannelParking* parking_;
  EventLoop loop_;
  HandleCore* wake_up_ = nullptr;  // a reference that whoever wakes takes over
};

void ChannelParking::retire() noexcept {
  if (!waiter_) return;
  channel_->give_up(*waiter_);
  waiter_->leave();
  waiter_.reset();
}

bool ChannelParking::ready(void* slot) {
  class Trial final : public ChannelWaiter {
   public:
    using ChannelWaiter::ChannelWaiter;
    void wake_waiter() noexcept override {}
  } trial(slot, getter_);
  bool over = channel_->begin(trial, false);
  refused_ = trial.state == ChannelWaiter::State::refused;
  return over;
}

void ChannelParking::suspend(heddle::detail::Frame& frame, void* slot) {
  waiter_ = std::make_shared<ChannelTask>(*this, slot, getter_);
  waiter_->prepare(waiter_);
  if (channel_->begin(*waiter_, true)) {
    // It came about between ready() and here.
    waiter_->leave();
    return yield(frame);
  }
  park(frame);
}

void ChannelParking::abandon() noexcept {
  channel_->give_up(*waiter_);
  waiter_->leave();
}

bool ChannelParking::pass_cancel(const std::string&) {
  if (getter_ || channel_->state_of(*waiter_) != ChannelWaiter::State::granted) return false;
  cancel_later_ = true;
  return true;
}

void ChannelParking::hand_on() noexcept { channel_->give_up(*waiter_); }

void ChannelParking::resume() {
  if (waiter_) {
    if (cancel_later_) defer_cancel();
    // A putter whose item was taken has succeeded, whatever came later.
    bool committed = !getter_ && channel_->state_of(*waiter_) == ChannelWaiter::State::granted;
    if (!committed) confirm();
    refused_ = channel_->state_of(*waiter_) == ChannelWaiter::State::refused;
    waiter_->leave();
    waiter_.reset();
  }
  if (refused_) throw QueueShutDown();
}

}  // namespace heddle::asyncio::detail
