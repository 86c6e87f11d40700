// Models of the primitives of threading: the same steps and memory orders as in src/threading/.
#include "models/cases.h"

using namespace heddle::models;

namespace {

// lock.cpp; Mutex has the steps.
class LockCase {
 public:
  static constexpr int threads = 3, bugs = Mutex::bugs;
  explicit LockCase(int bug) : lock_(bug) {}
  void run(int) {
    lock_.lock();
    count_.write(count_.read() + 1);
    lock_.unlock();
  }
  void end() { require(count_.read() == 3, "three went in"); }

 private:
  Mutex lock_;
  Data<int> count_;
};

// One of the three gives its wait up.
class LockTimeoutCase {
 public:
  static constexpr int threads = 3, bugs = 1;
  explicit LockTimeoutCase(int bug) : bug_(bug) {}
  void run(int thread) {
    if (thread == 2) {
      if (bug_ == 1) {
        // Gives up although it was woken: the wake-up is lost to the other.
        std::uint32_t expected = 0;
        if (!word_.compare_exchange_strong(expected, 1, acquire, relaxed)) {
          if (word_.exchange(2, acquire) != 0) {
            wait(word_, 2U, true);
            return;
          }
        }
      } else if (!lock(true)) {
        return;
      }
    } else {
      lock(false);
    }
    count_.write(count_.read() + 1);
    if (word_.exchange(0, release) == 2) wake(word_);
  }
  void end() { require(count_.read() >= 2, "two went in at least"); }

 private:
  bool lock(bool timed) {
    std::uint32_t expected = 0;
    if (word_.compare_exchange_strong(expected, 1, acquire, relaxed)) return true;
    while (word_.exchange(2, acquire) != 0) {
      if (!wait(word_, 2U, timed)) return false;
    }
    return true;
  }
  int bug_;
  Word word_;
  Data<int> count_;
};

// rlock.cpp: the owner is known by a relaxed word.
class RLockCase {
 public:
  static constexpr int threads = 2, bugs = 2;
  explicit RLockCase(int bug) : bug_(bug) {}
  void run(int thread) {
    auto me = static_cast<std::uint32_t>(thread + 1);
    enter(me);
    enter(me);
    count_.write(count_.read() + 1);
    leave();
    leave();
  }
  void end() { require(count_.read() == 2 && depth_.read() == 0, "both went in, and left"); }

 private:
  void enter(std::uint32_t me) {
    std::uint32_t owner = owner_.load(relaxed);
    if (bug_ == 1 ? owner != 0 : owner == me) {  // bug 1: anybody's ownership counts
      depth_.write(depth_.read() + 1);
      return;
    }
    lock_.lock();
    owner_.store(me, relaxed);
    depth_.write(1);
  }
  void leave() {
    depth_.write(depth_.read() - 1);
    if (depth_.read() > 0) return;
    if (bug_ == 2) lock_.unlock();  // bug 2: the owner is taken away from the next one
    owner_.store(0, relaxed);
    if (bug_ != 2) lock_.unlock();
  }
  int bug_;
  Mutex lock_;
  Word owner_;
  Data<int> depth_;
  Data<int> count_;
};

// wait_queue.cpp: a line of two, each with a word of its own.
class Line {
 public:
  explicit Line(int bug) : bug_(bug) {}
  Mutex lock;

  void push(int waiter) {  // under the lock
    outcome_[waiter].store(0, relaxed);
    queued_[waiter].write(1);
    order_[last_.read()].write(waiter);
    last_.write(last_.read() + 1);
  }
  // Under the lock: the first that waits, or -1.
  int take() {
    for (int i = 0; i < last_.read(); ++i) {
      int waiter = order_[i].read();
      if (queued_[waiter].read() == 0) continue;
      queued_[waiter].write(0);
      return waiter;
    }
    return -1;
  }
  void wake_up(int waiter, std::uint32_t outcome = 1) {
    outcome_[waiter].store(outcome, bug_ == 101 ? relaxed : release);
    if (bug_ != 102) wake(outcome_[waiter]);
  }
  std::uint32_t sleep(int waiter, bool timed) {
    if (!wait_while_equal(outcome_[waiter], 0, timed)) {
      lock.lock();
      bool leaves = queued_[waiter].read() != 0 || bug_ == 103;
      queued_[waiter].write(0);
      lock.unlock();
      if (leaves) return 0;
      wait_while_equal(outcome_[waiter], 0);
    }
    return outcome_[waiter].load(acquire);
  }

 private:
  int bug_;
  Word outcome_[2];
  Data<int> queued_[2];
  Data<int> order_[8];
  Data<int> last_;
};

// condition.cpp: two wait, one of them with a limit; notify_all() wakes whom it takes, and nobody
// else is told so.
class ConditionCase {
 public:
  static constexpr int threads = 3, bugs = 3;
  explicit ConditionCase(int bug) : bug_(bug), line_(bug == 1 ? 102 : bug == 2 ? 103 : 0) {}
  void run(int thread) {
    lock_.lock();
    if (thread == 2) {
      ready_.write(1);
      line_.lock.lock();
      int taken[2] = {line_.take(), line_.take()};
      line_.lock.unlock();
      for (int waiter : taken) {
        if (waiter < 0) continue;
        taken_.write(taken_.read() + 1);
        line_.wake_up(waiter);
      }
    }
    while (ready_.read() == 0) {
      if (bug_ == 3) lock_.unlock();  // gives the lock up before it stands in line
      line_.lock.lock();
      line_.push(thread);
      line_.lock.unlock();
      if (bug_ != 3) lock_.unlock();
      bool woken = line_.sleep(thread, thread == 1) != 0;
      lock_.lock();
      if (woken) woken_.write(woken_.read() + 1);
      if (!woken) break;
    }
    lock_.unlock();
  }
  void end() {
    require(woken_.read() == taken_.read(), "who was taken was woken, and nobody else");
  }

 private:
  int bug_;
  Line line_;
  Mutex lock_;
  Data<int> ready_;
  Data<int> taken_;
  Data<int> woken_;
};

// semaphore.cpp: permits and the mark "threads stand in line" in one word.
class SemaphoreCase {
 public:
  static constexpr int threads = 3, bugs = 3;
  explicit SemaphoreCase(int bug) : bug_(bug), line_(0) {}
  void run(int thread) {
    if (thread == 2) {
      data_.write(1);
      release_one();
      release_one();
      return;
    }
    take(thread);
    require(data_.read() == 1, "what was done before the release is seen");
  }
  void end() { require((word_.load(relaxed) & ~1U) == 0, "both permits were taken"); }

 private:
  static constexpr std::uint32_t mark = 1, permit = 2;
  void take(int thread) {
    std::uint32_t word = word_.load(relaxed);
    while (word >= permit && (word & mark) == 0) {
      if (word_.compare_exchange_weak(word, word - permit, acquire, relaxed)) return;
    }
    while (true) {
      line_.lock.lock();
      word = word_.load(relaxed);
      std::uint32_t next = 0;
      do {
        next = word >= permit ? word - permit : word | (bug_ == 1 ? 0 : mark);
      } while (!word_.compare_exchange_weak(word, next, acquire, relaxed));
      bool taken = word >= permit;
      if (!taken) line_.push(thread);
      line_.lock.unlock();
      if (taken) return;
      line_.sleep(thread, false);
      require(++rounds_[thread] < 3, "it goes round a few times at most");
    }
  }
  void release_one() {
    std::uint32_t word = word_.load(relaxed);
    while ((word & mark) == 0 || bug_ == 2) {  // bug 2: does not look for the mark
      if (word_.compare_exchange_weak(word, word + permit, bug_ == 3 ? relaxed : release, relaxed))
        return;
    }
    line_.lock.lock();
    int woken = line_.take();
    word = word_.load(relaxed);
    while (!word_.compare_exchange_weak(word, word + permit, release, relaxed)) {
    }
    line_.lock.unlock();
    if (woken >= 0) line_.wake_up(woken);
  }
  int bug_;
  Line line_;
  Word word_;
  Data<int> data_;
  int rounds_[2] = {};
};

// event.cpp: the flag, a mark for sleepers, and how often it was raised.
class EventCase {
 public:
  static constexpr int threads = 3, bugs = 4;
  explicit EventCase(int bug) : bug_(bug) {}
  void run(int thread) {
    if (thread == 2) {
      data_.write(1);
      set();
      word_.fetch_and(~up, acq_rel);  // clear()
      return;
    }
    std::uint32_t word = word_.load(acquire);
    std::uint32_t raised = word / one_set;
    if (thread == 1 && raised != 0) return;  // came after the set()
    if ((word & up) == 0 && !waits(raised)) return;
    if (raised == 0) require(data_.read() == 1, "what was done before the set is seen");
  }
  void end() {}

 private:
  static constexpr std::uint32_t up = 1, waited_for = 2, one_set = 4;
  bool waits(std::uint32_t raised) {
    if (raised != 0) return false;  // cleared before this wait: it would wait for the next set()
    std::uint32_t word = 0;
    auto passed = [&] {
      word = word_.load(acquire);
      bool counts = word / one_set != raised && bug_ != 3;  // bug 3: the count is not looked at
      return (word & up) != 0 || counts;
    };
    while (!passed()) {
      if ((word & waited_for) == 0 && bug_ != 4 &&
          !word_.compare_exchange_weak(word, word | waited_for, relaxed))
        continue;
      std::uint32_t seen = bug_ == 4 ? word : word | waited_for;
      wait_while_equal(word_, seen);
    }
    return true;
  }
  void set() {
    std::uint32_t word = word_.load(relaxed);
    std::uint32_t next = 0;
    do {
      next = (word & up) != 0 ? word : ((word + one_set) | up) & ~waited_for;
    } while (!word_.compare_exchange_weak(word, next, bug_ == 1 ? relaxed : release, relaxed));
    if ((word & waited_for) != 0 && bug_ != 2) wake(word_, 100);
  }
  int bug_;
  Word word_;
  Data<int> data_;
};

// barrier.cpp: the last to come takes the others out of the line.
class BarrierCase {
 public:
  static constexpr int threads = 3, bugs = 2;
  explicit BarrierCase(int bug) : bug_(bug), line_(bug == 1 ? 101 : 0) {}
  void run(int thread) {
    mine_[thread].write(1);
    line_.lock.lock();
    int index = arrived_.read();
    arrived_.write(index + 1);
    int taken[2] = {-1, -1};
    if (index < 2) {
      slot_[thread].write(index);
      line_.push(index);
    } else {
      for (int& each : taken) each = line_.take();
    }
    line_.lock.unlock();
    if (index < 2) {
      line_.sleep(index, false);
    } else {
      line_.wake_up(taken[0]);
      if (bug_ != 2) line_.wake_up(taken[1]);
    }
    for (auto& each : mine_) require(each.read() == 1, "all have arrived");
  }
  void end() {}

 private:
  int bug_;
  Line line_;
  Data<int> arrived_;
  Data<int> slot_[3];
  Data<int> mine_[3];
};

// thread.cpp: the phase of a thread, for who starts it and for who joins it.
class ThreadPhaseCase {
 public:
  static constexpr int threads = 3, bugs = 3;
  explicit ThreadPhaseCase(int bug) : bug_(bug), phase_(starting) {}
  void run(int thread) {
    if (thread == 0) {
      ident_.write(7);
      phase_.store(running, bug_ == 1 ? relaxed : release);
      wake(phase_, 100);
      result_.write(1);
      phase_.store(finished, bug_ == 2 ? relaxed : release);
      if (bug_ != 3) wake(phase_, 100);
      return;
    }
    wait_while_equal(phase_, starting);
    require(ident_.read() == 7, "who started it knows its ident");
    for (std::uint32_t phase = phase_.load(); phase != finished; phase = phase_.load())
      wait_while_equal(phase_, phase);
    require(result_.read() == 1, "who joined it sees what it did");
  }
  void end() {}

 private:
  static constexpr std::uint32_t starting = 1, running = 2, finished = 3;
  int bug_;
  Word phase_;
  Data<int> ident_;
  Data<int> result_;
};

// A registry that is made once, by whoever comes first.
class OnceCase {
 public:
  static constexpr int threads = 3, bugs = 3;
  explicit OnceCase(int bug) : bug_(bug) {}
  void run(int) {
    if (made_.load(bug_ == 1 ? relaxed : acquire) == 0) {
      lock_.lock();
      if (made_.load(relaxed) == 0 || bug_ == 3) {  // bug 3: does not look again
        times_.write(times_.read() + 1);
        value_.write(5);
        made_.store(1, bug_ == 2 ? relaxed : release);
      }
      lock_.unlock();
    }
    require(value_.read() == 5, "it is there");
  }
  void end() { require(times_.read() == 1, "made once"); }

 private:
  int bug_;
  Word made_;
  Mutex lock_;
  Data<int> times_;
  Data<int> value_;
};

// spin.h: looks at the word with relaxed loads, and asks once more with acquire.
class SpinThenParkCase {
 public:
  static constexpr int threads = 2, bugs = 3;
  explicit SpinThenParkCase(int bug) : bug_(bug) {}
  void run(int thread) {
    if (thread == 1) {
      data_.write(1);
      word_.store(1, release);
      if (bug_ != 2) wake(word_);
      return;
    }
    bool ready = false;
    for (int i = 0; i < 3 && !ready; ++i) ready = word_.load(relaxed) != 0;
    if (bug_ != 1 || !ready) {  // bug 1: what was seen while spinning is enough
      if (bug_ == 3) {
        wait(word_, 0U, true);  // bug 3: believes that it was woken
      } else {
        wait_while_equal(word_, 0);
      }
    }
    require(data_.read() == 1, "what was done before is seen");
  }
  void end() {}

 private:
  int bug_;
  Word word_;
  Data<int> data_;
};

}  // namespace

TEST_CASE("models: Lock") { check_model<LockCase>("Lock"); }
TEST_CASE("models: Lock with a timeout") { check_model<LockTimeoutCase>("Lock, timeout"); }
TEST_CASE("models: RLock") { check_model<RLockCase>("RLock"); }
TEST_CASE("models: Condition and WaitQueue") { check_model<ConditionCase>("Condition"); }
TEST_CASE("models: Semaphore") { check_model<SemaphoreCase>("Semaphore"); }
TEST_CASE("models: Event") { check_model<EventCase>("Event"); }
TEST_CASE("models: Barrier") { check_model<BarrierCase>("Barrier"); }
TEST_CASE("models: the phase of a Thread") { check_model<ThreadPhaseCase>("Thread"); }
TEST_CASE("models: made once") { check_model<OnceCase>("once"); }
TEST_CASE("models: spin, then park") { check_model<SpinThenParkCase>("spin, then park"); }
