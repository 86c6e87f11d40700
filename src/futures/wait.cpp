#include <heddle/futures/as_completed.h>
#include <heddle/futures/wait.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <string>
#include <unordered_set>

#include "core/futex.h"
#include "futures/helping.h"

namespace heddle::futures::detail {

bool all_distinct(const Cores& cores) {
  Cores sorted = cores;
  std::sort(sorted.begin(), sorted.end());
  return std::adjacent_find(sorted.begin(), sorted.end()) == sorted.end();
}

std::vector<std::size_t> first_places(const Cores& cores) {
  std::unordered_set<const FutureCore*> seen;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < cores.size(); ++i) {
    if (seen.insert(cores[i]).second) places.push_back(i);
  }
  return places;
}

Nanoseconds deadline_of(const std::optional<Delay>& timeout) {
  return timeout ? core::deadline_after(timeout->nanoseconds()) : time_max;
}

void throw_unfinished(std::size_t left, std::size_t total) {
  throw TimeoutError(std::to_string(left) + " (of " + std::to_string(total) +
                     ") futures unfinished");
}

// Shared by the one that waits and the callbacks in the futures, each of which may be under way in
// another thread when the wait ends.
class Arrivals::Shared final : public SharedCounted {
 public:
  explicit Shared(const Cores& cores) : SharedCounted(1) {
    futures_.reserve(cores.size());
    for (FutureCore* core : cores) futures_.emplace_back(core);
    arrived_.reserve(cores.size());
    watchers_ = std::make_unique<Watcher[]>(cores.size());
  }
  void destroy() noexcept { delete this; }

  void begin() noexcept {
    for (std::size_t i = 0; i < futures_.size(); ++i) {
      Watcher& watcher = watchers_[i];
      watcher.owner = this;
      watcher.place = i;
      retain();
      if (futures_[i]->add_unless_done(watcher)) continue;
      arrive(i);
      static_cast<void>(release());  // the caller's is there still
    }
  }

  void end() noexcept {
    for (std::size_t i = 0; i < futures_.size(); ++i) {
      if (futures_[i]->remove_callback(watchers_[i])) static_cast<void>(release());
    }
    if (release()) destroy();
  }

  std::optional<std::size_t> next(Nanoseconds deadline) {
    while (true) {
      std::uint32_t seen = count_.load(std::memory_order_acquire);
      if (seen != given_) {
        std::lock_guard lock(lock_);
        std::size_t place = arrived_[given_++];
        watchers_[place].given = true;
        return place;
      }
      if (deadline == time_max && help_one()) continue;
      if (!core::wait_while_equal(count_, seen, deadline)) return std::nullopt;
    }
  }

  std::size_t size() const noexcept { return futures_.size(); }

 private:
  struct Watcher final : FutureCore::Callback {
    void call(FutureCore&) override { owner->arrive(place); }
    void dispose() noexcept override {
      if (owner->release()) owner->destroy();
    }
    Shared* owner = nullptr;
    std::size_t place = 0;
    bool given = false;  // of the one that waits
  };

  void arrive(std::size_t place) noexcept {
    {
      std::lock_guard lock(lock_);
      arrived_.push_back(place);  // within what was reserved
      // release: the place comes with the count.
      count_.fetch_add(1, std::memory_order_release);
    }
    core::wake_all(count_);
  }

  // A worker does what it waits for: the first that has not begun, provided that none before it
  // runs, since the end of that one may be what the others need. True when it did. What is passed
  // over is never looked at again, so that many futures cost one look each.
  bool help_one() noexcept {
    if (pool_of_thread() == nullptr) return false;
    for (; first_to_help_ < futures_.size(); ++first_to_help_) {
      FutureCore& future = *futures_[first_to_help_];
      if (future.done()) {
        if (!watchers_[first_to_help_].given) return false;  // it is about to arrive
        continue;
      }
      if (future.state() != FutureCore::State::running && help(future)) return true;
      if (future.state() == FutureCore::State::running) return false;  // also if it has just begun
    }
    return false;
  }

  std::vector<SharedRef<FutureCore>> futures_;
  std::unique_ptr<Watcher[]> watchers_;
  threading::Lock lock_;
  std::vector<std::size_t> arrived_;     // under lock_
  std::atomic<std::uint32_t> count_{0};  // how many have arrived
  // Of the one that waits.
  std::uint32_t given_ = 0;
  std::size_t first_to_help_ = 0;
};

Arrivals::Arrivals(const Cores& cores) : shared_(new Shared(cores)) { shared_->begin(); }
Arrivals::~Arrivals() {
  if (shared_ != nullptr) shared_->end();
}
std::optional<std::size_t> Arrivals::next(Nanoseconds deadline) { return shared_->next(deadline); }
std::size_t Arrivals::size() const noexcept { return shared_->size(); }

namespace {

bool is_reason(const FutureCore& future, ReturnWhen when) {
  return when == ReturnWhen::first_completed ? future.done() : future.failed();
}

void wait_for_all(const Cores& cores, Nanoseconds deadline) {
  for (FutureCore* core : cores) {
    Nanoseconds left = deadline == time_max ? time_max : deadline - core::Kernel::monotonic_now();
    if (!core->wait(left) && left <= 0) return;
  }
}

}  // namespace

void watch(const Cores& cores, WaitOptions options) {
  Nanoseconds deadline = deadline_of(options.timeout);
  if (options.return_when == ReturnWhen::all_completed) return wait_for_all(cores, deadline);
  auto reason = [&](const FutureCore* core) { return is_reason(*core, options.return_when); };
  if (std::any_of(cores.begin(), cores.end(), reason)) return;
  Arrivals arrivals(cores);
  for (std::size_t i = 0; i < cores.size(); ++i) {
    std::optional<std::size_t> place = arrivals.next(deadline);
    if (!place || is_reason(*cores[*place], options.return_when)) return;
  }
}

}  // namespace heddle::futures::detail
