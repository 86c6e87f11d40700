// MapResults: what Executor::map() gives, the results in order.
#pragma once

#include <heddle/core/clock.h>
#include <heddle/core/delay.h>
#include <heddle/futures/future.h>
#include <heddle/futures/progress.h>

#include <cstddef>
#include <deque>
#include <iterator>
#include <memory>
#include <optional>
#include <utility>

namespace heddle::futures {

// Options of map().
struct MapOptions {
  // From the call of map() on: a result that is not there by then throws TimeoutError.
  std::optional<Delay> timeout{};
  // Elements that travel to a process together. Threads take no chunks, as in Python.
  std::size_t chunksize = 1;
  // At most so many calls (of a process pool: chunks) are submitted ahead of the result that is
  // asked for, and elements are taken from the ranges only then: they may be endless. None: all at
  // once.
  std::optional<std::size_t> buffersize{};
};

namespace detail {

// What submits the calls of a map(), one step at a time.
template <class R>
class MapFeed {
 public:
  virtual ~MapFeed() = default;
  // Submits the next call, or the next chunk. False at the end of the shortest range.
  virtual bool submit_next(std::deque<Future<R>>& futures) = 0;
};

// The untyped part of MapResults.
class MapLimits {
 public:
  // Throws ValueError "chunksize must be >= 1." and "buffersize must be None or > 0".
  explicit MapLimits(const MapOptions& options);
  // True when one more step may be submitted beside `pending` futures that were not asked for.
  bool room_for_more(std::size_t pending) const noexcept;
  bool lazy() const noexcept { return lazy_; }
  std::size_t chunksize() const noexcept { return chunksize_; }
  // What is left until the timeout.
  Nanoseconds time_left() const noexcept;

 private:
  std::size_t chunksize_;
  bool lazy_;
  std::size_t ahead_max_;  // in elements
  Nanoseconds deadline_;
};

}  // namespace detail

// A range to be walked once, by one thread. Leaving it early cancels what has not begun, and so
// does the first error, which ends it.
template <class R>
class MapResults {
  struct State;

 public:
  MapResults(detail::MapLimits limits, std::unique_ptr<detail::MapFeed<R>> feed)
      : state_(std::make_unique<State>(limits, std::move(feed))) {}
  MapResults(MapResults&&) noexcept = default;
  MapResults& operator=(MapResults&&) noexcept = default;

  // How many results were given so far, and of how many; the total is known once all elements were
  // submitted, which without a buffersize is at once.
  Progress progress() const noexcept {
    std::size_t known = state_->given + state_->futures.size();
    return {state_->given, state_->feed ? std::nullopt : std::optional(known)};
  }

  // An input iterator. * submits what there is room for, waits for the result and throws the call's
  // exception, TimeoutError, or what submitting throws. ++ without * before passes over a result
  // without waiting for it, and throws only what submitting throws. Differs from Python: there each
  // step waits.
  class iterator {
   public:
    using value_type = R;
    using difference_type = std::ptrdiff_t;
    using reference = R;
    using pointer = void;
    using iterator_category = std::input_iterator_tag;
    explicit iterator(State* state = nullptr) noexcept : state_(state) {}
    R operator*() const { return state_->get(); }
    iterator& operator++() {
      state_->advance();
      return *this;
    }
    void operator++(int) { ++*this; }
    friend bool operator==(const iterator& a, const iterator& b) noexcept {
      return a.at_end() == b.at_end();
    }

   private:
    bool at_end() const noexcept { return state_ == nullptr || state_->futures.empty(); }
    State* state_;
  };
  iterator begin() noexcept { return iterator(state_.get()); }
  iterator end() noexcept { return iterator(); }

 private:
  struct State {
    State(detail::MapLimits limits_, std::unique_ptr<detail::MapFeed<R>> feed_)
        : limits(limits_), feed(std::move(feed_)) {
      while (feed && limits.room_for_more(futures.size())) submit_next();
    }
    ~State() { stop(); }

    R get() {
      try {
        // The one that is asked for is no longer ahead.
        while (feed && limits.room_for_more(futures.size() - 1)) submit_next();
        return futures.front().result(Delay::from_nanoseconds(limits.time_left()));
      } catch (...) {
        // The one that failed stays until the results go, so that its exception is not left to a
        // worker.
        if (!futures.empty()) asked_last = futures.front();
        stop();
        throw;
      }
    }
    void advance() {
      if (futures.empty()) return;
      futures.pop_front();
      ++given;
      if (!futures.empty() || !feed) return;
      try {
        submit_next();  // nobody asked for the last one, which would have submitted this one
      } catch (...) {
        stop();
        throw;
      }
    }
    void submit_next() {
      if (!feed->submit_next(futures)) feed.reset();
    }
    void stop() noexcept {
      feed.reset();
      for (auto& future : futures) future.cancel();
      futures.clear();
    }

    detail::MapLimits limits;
    std::unique_ptr<detail::MapFeed<R>> feed;  // null once all was submitted
    std::deque<Future<R>> futures;
    std::optional<Future<R>> asked_last;
    std::size_t given = 0;
  };

  std::unique_ptr<State> state_;
};

}  // namespace heddle::futures
