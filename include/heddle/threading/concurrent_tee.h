// concurrent_tee(): several consumers, on threads of their own, each see the whole of one range.
//
//     auto branches = threading::concurrent_tee(read_lines(file), 2);
//     threading::Thread counter(count, std::ref(branches[0]));
//     threading::Thread indexer(index, std::ref(branches[1]));
//
// Each branch is for one thread. Memory: what the fastest branch has taken and the slowest has not;
// with a limit at most that many elements, and a branch that would go further waits for the slowest
// (so all of them must be consumed, on threads of their own). A branch that dies counts no more.
// Source: https://docs.python.org/3.15/library/threading.html#threading.concurrent_tee
#pragma once

#include <heddle/core/error.h>
#include <heddle/threading/serialize_iterator.h>
#include <heddle/threading/tee_places.h>

#include <deque>
#include <memory>
#include <vector>

namespace heddle::threading {

// One consumer's view of the range. Moved, not copied.
template <class T>
class TeeBranch {
 public:
  // What the branches of a range share.
  class Shared {
   public:
    virtual ~Shared() = default;

    std::optional<T> next(std::size_t branch) {
      LockGuard held(places_);
      bool buffered = places_.wait_for_turn(branch);
      if (!buffered) {
        std::optional<T> made = make();
        if (!made) return std::nullopt;
        items_.push_back(std::move(*made));
        places_.added();
      }
      T& item = items_[places_.offset(branch)];
      if (!places_.is_last_to_take(branch)) {
        std::optional<T> copy(item);
        places_.advance(branch);
        return copy;
      }
      std::optional<T> moved(std::move(item));
      items_.pop_front();
      places_.advance(branch);
      return moved;
    }
    void leave(std::size_t branch) noexcept {
      LockGuard held(places_);
      for (std::size_t n = places_.leave(branch); n > 0; --n) items_.pop_front();
    }

   protected:
    Shared(std::size_t branches, std::size_t limit) : places_(branches, limit) {}
    virtual std::optional<T> make() = 0;  // the range's next element

   private:
    TeePlaces places_;
    std::deque<T> items_;  // guarded by places_: those that some branch has not taken
  };

  TeeBranch(std::shared_ptr<Shared> shared, std::size_t number)
      : shared_(std::move(shared)), number_(number) {}
  TeeBranch(TeeBranch&&) noexcept = default;
  TeeBranch& operator=(TeeBranch&& other) noexcept {
    std::swap(shared_, other.shared_);
    std::swap(number_, other.number_);
    return *this;
  }
  ~TeeBranch() {
    if (shared_) shared_->leave(number_);
  }

  // The next element; empty after the last one. Throws what the range throws, to the branch that
  // was first to ask; the next call asks the range again.
  std::optional<T> next() { return shared_->next(number_); }

  // An iteration over what this branch has not taken yet.
  class Iterator {
   public:
    using value_type = T;
    using difference_type = std::ptrdiff_t;
    using iterator_concept = std::input_iterator_tag;

    explicit Iterator(TeeBranch& branch) : branch_(&branch), value_(branch.next()) {}
    T& operator*() const { return *value_; }
    Iterator& operator++() {
      value_ = branch_->next();
      return *this;
    }
    void operator++(int) { ++*this; }
    bool operator==(std::default_sentinel_t) const { return !value_; }

   private:
    TeeBranch* branch_;
    mutable std::optional<T> value_;
  };

  Iterator begin() { return Iterator(*this); }
  std::default_sentinel_t end() const noexcept { return {}; }

 private:
  std::shared_ptr<Shared> shared_;
  std::size_t number_;
};

// n branches of a range, which is kept if it is a temporary. limit: the most elements that are kept
// for slow branches; 0: any number. Elements are copied, for the last taker moved.
template <class Range>
auto concurrent_tee(Range&& range, std::size_t n = 2, std::size_t limit = 0) {
  using T = typename SerializedIterator<Range>::value_type;
  class Source final : public TeeBranch<T>::Shared {
   public:
    Source(Range&& range_, std::size_t branches, std::size_t most)
        : TeeBranch<T>::Shared(branches, most), source_(std::forward<Range>(range_)) {}

   private:
    std::optional<T> make() override { return source_.next(); }
    SerializedIterator<Range> source_;
  };
  auto shared = std::make_shared<Source>(std::forward<Range>(range), n, limit);
  std::vector<TeeBranch<T>> branches;
  branches.reserve(n);
  for (std::size_t i = 0; i < n; ++i) branches.emplace_back(shared, i);
  return branches;
}

}  // namespace heddle::threading
