// The checker itself: what C++ allows must be found, and what it forbids must not.
#include "models/cases.h"

using namespace heddle::models;

namespace {

// Each writes one word and reads the other: with seq_cst one of them sees the other, with less both
// may miss.
class StoreBufferCase {
 public:
  static constexpr int threads = 2, bugs = 3;
  explicit StoreBufferCase(int bug) : bug_(bug) {}
  void run(int thread) {
    word_[thread].store(1, bug_ == 1 ? release : seq_cst);
    seen_[thread].write(word_[1 - thread].load(bug_ == 2   ? acquire
                                               : bug_ == 3 ? relaxed
                                                           : seq_cst));
  }
  void end() { require(seen_[0].read() + seen_[1].read() > 0, "one saw the other"); }

 private:
  int bug_;
  Word word_[2];
  Data<std::uint32_t> seen_[2];
};

// What was written before a release is seen after the acquire that reads it, also through a third
// thread's read-modify-write.
class MessageCase {
 public:
  static constexpr int threads = 3, bugs = 4;
  explicit MessageCase(int bug) : bug_(bug) {}
  void run(int thread) {
    if (thread == 0) {
      data_.write(1);
      if (bug_ == 4) word_.store(1, relaxed);  // begins a sequence that releases nothing
      word_.store(1, bug_ == 1 || bug_ == 4 ? relaxed : release);
    } else if (thread == 1) {
      std::uint32_t one = 1;
      if (bug_ == 3) {
        if (word_.load(relaxed) == 1)
          word_.store(2, relaxed);  // not a read-modify-write: the sequence ends
      } else {
        word_.compare_exchange_strong(one, 2, relaxed, relaxed);
      }
    } else if (word_.load(bug_ == 2 ? relaxed : acquire) == 2) {
      require(data_.read() == 1, "the message");
    }
  }
  void end() {}

 private:
  int bug_;
  Word word_;
  Data<int> data_;
};

// One location: nobody sees a later value and then an earlier one, whatever the orders.
class CoherenceCase {
 public:
  static constexpr int threads = 2, bugs = 0;
  explicit CoherenceCase(int) {}
  void run(int thread) {
    if (thread == 0) {
      word_.store(1, relaxed);
      word_.store(2, relaxed);
      return;
    }
    std::uint32_t first = word_.load(relaxed);
    std::uint32_t second = word_.load(relaxed);
    require(first <= second, "values do not go back");
  }
  void end() { require(word_.load(relaxed) == 2, "the last value stays"); }

 private:
  Word word_;
};

// Old values may be read: a relaxed load is not bound to see the newest.
class StaleCase {
 public:
  static constexpr int threads = 2, bugs = 1;
  explicit StaleCase(int bug) : bug_(bug) {}
  void run(int thread) {
    if (thread == 0) {
      first_.store(1, relaxed);
      second_.store(1, bug_ == 1 ? relaxed : release);
      return;
    }
    if (second_.load(acquire) == 1)
      require(first_.load(relaxed) == 1, "the first was written before");
  }
  void end() {}

 private:
  int bug_;
  Word first_;
  Word second_;
};

// Wake-ups go to those who sleep, and a sleep looks at the newest value.
class FutexCase {
 public:
  static constexpr int threads = 2, bugs = 2;
  explicit FutexCase(int bug) : bug_(bug) {}
  void run(int thread) {
    if (thread == 0) {
      if (bug_ == 1) wake(word_);  // before the change
      word_.store(1, relaxed);
      if (bug_ == 0) wake(word_);
      return;
    }
    wait(word_, 0U);
  }
  void end() {}

 private:
  int bug_;
  Word word_;
};

class RaceCase {
 public:
  static constexpr int threads = 2, bugs = 2;
  explicit RaceCase(int bug) : bug_(bug) {}
  void run(int thread) {
    if (bug_ == 0) mutex_.lock();
    if (bug_ == 2 && thread == 0) {
      static_cast<void>(data_.read());
    } else {
      data_.write(thread);
    }
    if (bug_ == 0) mutex_.unlock();
  }
  void end() {}

 private:
  int bug_;
  Mutex mutex_;
  Data<int> data_;
};

// Never ends.
class EndlessCase {
 public:
  static constexpr int threads = 1, bugs = 1;
  explicit EndlessCase(int bug) : bug_(bug) {}
  void run(int) {
    while (bug_ == 1) word_.store(1, relaxed);
  }
  void end() {}

 private:
  int bug_;
  Word word_;
};

}  // namespace

TEST_CASE(
    "model checker: a store and a load of another word change places, unless both are seq_cst") {
  check_model<StoreBufferCase>("store buffer");
}
TEST_CASE("model checker: release, acquire and release sequences") {
  check_model<MessageCase>("message");
}
TEST_CASE("model checker: one location has one order") { check_model<CoherenceCase>("coherence"); }
TEST_CASE("model checker: relaxed loads read old values") { check_model<StaleCase>("stale"); }
TEST_CASE("model checker: futexes") { check_model<FutexCase>("futex"); }
TEST_CASE("model checker: data races") { check_model<RaceCase>("race"); }
TEST_CASE("model checker: what never ends") { check_model<EndlessCase>("endless"); }
