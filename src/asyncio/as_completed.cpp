#include <heddle/asyncio/as_completed.h>
#include <heddle/asyncio/wait.h>

#include "asyncio/loop_core.h"

namespace heddle::asyncio::detail {

// Watches one future; through the ready queue, as every callback of a future.
struct Arrivals::Watcher final : DoneWaiter, ReadyNode {
  void done(FutureCore& finished) noexcept override { finished.loop().push(*this); }
  void run() override { arrivals->arrived(*this); }
  // Whoever waits for the next one waits for each of them.
  FutureCore* waiter() const noexcept override { return arrivals->waiters_.first_task(); }

  Arrivals* arrivals = nullptr;
  AnyFuture future;
};

// Waits until something arrived.
class Arrivals::Arrived final : public WaitList::Awaiter {
 public:
  explicit Arrived(Arrivals& arrivals) noexcept
      : Awaiter(arrivals.waiters_, nullptr), arrivals_(arrivals) {}

 private:
  void hand_on() noexcept override {
    if (arrivals_.next_ < arrivals_.done_.size() || arrivals_.late_) arrivals_.waiters_.wake_one();
  }
  Arrivals& arrivals_;
};

Arrivals::Arrivals(std::vector<AnyFuture> futures, std::optional<Delay> timeout) {
  keep_distinct(futures);
  size_ = futures.size();
  done_.reserve(size_);
  watchers_ = std::make_unique<Watcher[]>(size_);
  if (timeout) alarm_ = get_running_loop().call_later(*timeout, [this] { time_is_up(); });
  for (std::size_t i = 0; i < size_; ++i) {
    watchers_[i].arrivals = this;
    watchers_[i].future = futures[i];
    futures[i].core()->add_waiter(watchers_[i]);
  }
}

Arrivals::~Arrivals() { alarm_.cancel(); }

void Arrivals::arrived(Watcher& watcher) {
  done_.push_back(std::move(watcher.future));
  if (done_.size() == size_) alarm_.cancel();
  waiters_.wake_one();
}

void Arrivals::time_is_up() noexcept {
  late_ = true;
  for (std::size_t i = 0; i < size_; ++i) {
    static_cast<DoneWaiter&>(watchers_[i]).unlink();
    static_cast<ReadyNode&>(watchers_[i]).unlink();
  }
  waiters_.wake_all();
}

Coro<AnyFuture> Arrivals::next(Ref<Arrivals> /* keeps this alive */) {
  while (next_ == done_.size()) {
    if (late_) throw TimeoutError();
    co_await Arrived(*this);
  }
  AnyFuture future = std::move(done_[next_++]);
  if (next_ < done_.size()) waiters_.wake_one();
  co_return future;
}

}  // namespace heddle::asyncio::detail
