// serialize_iterator(): one range for many threads, which take its elements one at a time.
//
//     auto lines = threading::serialize_iterator(read_lines(file));   // any input range
//     ... on each thread:
//     for (auto& line : lines) handle(line);                          // each line goes to one
//     thread while (auto line = lines.next()) handle(*line);                 // the same
//
//     auto numbers = threading::synchronized_iterator([](int n) { return generate(n); });
//     auto shared = numbers(7);                                       // as
//     serialize_iterator(generate(7))
//
// The range is asked lazily, under a lock: for the next element when somebody wants it. Source:
// https://docs.python.org/3.15/library/threading.html#threading.serialize_iterator
#pragma once

#include <heddle/threading/lock_guard.h>
#include <heddle/threading/rlock.h>

#include <cstddef>
#include <iterator>
#include <optional>
#include <type_traits>
#include <utility>

namespace heddle::threading {

// Range: an input range, kept by value; or a reference to one that outlives this.
template <class Range>
class SerializedIterator {
  using Begin = decltype(std::begin(std::declval<Range&>()));

 public:
  using value_type = std::iter_value_t<Begin>;

  explicit SerializedIterator(Range&& range) : range_(std::forward<Range>(range)) {}
  SerializedIterator(const SerializedIterator&) = delete;  // threads use it
  SerializedIterator& operator=(const SerializedIterator&) = delete;

  // The next element; empty after the last one. Throws what the range throws; the next call asks it
  // again, unless it is at its end then. The lock is an RLock: a range that asks itself gets what
  // it makes of that. Thread-safe.
  std::optional<value_type> next() {
    LockGuard held(lock_);
    if (!current_) {
      current_.emplace(std::begin(range_));
    } else if (given_ && !(failed_ && *current_ == std::end(range_))) {
      failed_ = true;  // until it has succeeded
      ++*current_;
      failed_ = given_ = false;
    }
    // At the end it stays: a range is not asked any more then.
    if (given_ || *current_ == std::end(range_)) return std::nullopt;
    std::optional<value_type> value(**current_);
    given_ = true;
    return value;
  }

  // The elements that this thread gets; each thread begins an iteration of its own.
  class Iterator {
   public:
    using value_type = SerializedIterator::value_type;
    using difference_type = std::ptrdiff_t;
    using iterator_concept = std::input_iterator_tag;

    explicit Iterator(SerializedIterator& source) : source_(&source), value_(source.next()) {}
    value_type& operator*() const { return *value_; }
    Iterator& operator++() {
      value_ = source_->next();
      return *this;
    }
    void operator++(int) { ++*this; }
    bool operator==(std::default_sentinel_t) const { return !value_; }

   private:
    SerializedIterator* source_;
    mutable std::optional<value_type> value_;
  };

  Iterator begin() { return Iterator(*this); }
  std::default_sentinel_t end() const noexcept { return {}; }

 private:
  RLock lock_;
  Range range_;
  std::optional<Begin> current_;
  bool given_ = false;   // somebody got the element at which current_ stands
  bool failed_ = false;  // its increment threw
};

// A range for many threads. A temporary is kept, another one referred to.
template <class Range>
SerializedIterator<Range> serialize_iterator(Range&& range) {
  return SerializedIterator<Range>(std::forward<Range>(range));
}

// A function that gives what serialize_iterator() makes of function(args...): Python's decorator.
template <class F>
auto synchronized_iterator(F function) {
  return [function = std::move(function)](auto&&... args) {
    return serialize_iterator(function(std::forward<decltype(args)>(args)...));
  };
}

}  // namespace heddle::threading
