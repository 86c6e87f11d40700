// futures::as_completed: the futures of a range in the order in which they end.
//
//     for (auto page : futures::as_completed(pages, 60s)) show(page.result());
//
// Source: https://docs.python.org/3/library/concurrent.futures.html#concurrent.futures.as_completed
#pragma once

#include <heddle/core/delay.h>
#include <heddle/futures/progress.h>
#include <heddle/futures/wait.h>

#include <iterator>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace heddle::futures {

namespace detail {

// Collects which of some futures are done.
class Arrivals {
 public:
  explicit Arrivals(const Cores& cores);
  Arrivals(Arrivals&& other) noexcept : shared_(std::exchange(other.shared_, nullptr)) {}
  Arrivals& operator=(Arrivals&& other) noexcept {
    std::swap(shared_, other.shared_);
    return *this;
  }
  ~Arrivals();

  // The place of the next one that is done; none when the clock reached the deadline.
  std::optional<std::size_t> next(Nanoseconds deadline);
  std::size_t size() const noexcept;

 private:
  class Shared;
  Shared* shared_;
};

Nanoseconds deadline_of(const std::optional<Delay>& timeout);
// TimeoutError "N (of M) futures unfinished".
[[noreturn]] void throw_unfinished(std::size_t left, std::size_t total);

}  // namespace detail

// A range to be walked once, by one thread. F is Future<T>. Leaving it early cancels nothing.
template <class F>
class AsCompleted {
 public:
  AsCompleted(std::vector<F> futures, std::optional<Delay> timeout)
      : futures_(std::move(futures)),
        arrivals_(cores_of(futures_)),
        deadline_(detail::deadline_of(timeout)) {}

  // How many futures were given so far, and of how many.
  Progress progress() const noexcept { return {given_, futures_.size()}; }

  // An input iterator. Reaching the next waits for it, and throws TimeoutError "N (of M) futures
  // unfinished" when none is done in time.
  class iterator {
   public:
    using value_type = F;
    using difference_type = std::ptrdiff_t;
    using reference = const F&;
    using pointer = const F*;
    using iterator_category = std::input_iterator_tag;
    explicit iterator(AsCompleted* owner = nullptr) noexcept : owner_(owner) {}
    const F& operator*() const { return *owner_->current_; }
    const F* operator->() const { return &*owner_->current_; }
    iterator& operator++() {
      owner_->advance();
      return *this;
    }
    void operator++(int) { ++*this; }
    friend bool operator==(const iterator& a, const iterator& b) noexcept {
      return a.at_end() == b.at_end();
    }

   private:
    bool at_end() const noexcept { return owner_ == nullptr || !owner_->current_; }
    AsCompleted* owner_;
  };
  iterator begin() {
    if (!current_) advance();
    return iterator(this);
  }
  iterator end() noexcept { return iterator(); }

 private:
  static detail::Cores cores_of(const std::vector<F>& futures) {
    detail::Cores cores;
    cores.reserve(futures.size());
    for (const F& future : futures) cores.push_back(future.state().get());
    return cores;
  }

  void advance() {
    current_.reset();
    if (given_ == futures_.size()) return;
    std::optional<std::size_t> place = arrivals_.next(deadline_);
    if (!place) detail::throw_unfinished(futures_.size() - given_, futures_.size());
    ++given_;
    current_ = futures_[*place];
  }

  std::vector<F> futures_;
  detail::Arrivals arrivals_;
  Nanoseconds deadline_;
  std::optional<F> current_;  // the one that an iterator gives, or none
  std::size_t given_ = 0;
};

// The futures of a range, each once: those that are done in their order, then the others as they
// end. timeout: counted from this call. A worker of a pool that waits for work queued in that pool
// does it, without a timeout and while none that stands before it runs. So in a worker the first of
// them must not wait for what the loop does when a later one has ended.
template <class Range>
auto as_completed(const Range& range, std::optional<Delay> timeout = std::nullopt) {
  using F = std::remove_cvref_t<decltype(*std::begin(range))>;
  return AsCompleted<F>(detail::distinct<F>(range), timeout);
}

}  // namespace heddle::futures
