// Models of the queues: the same steps and memory orders as in src/queue/.
#include "models/cases.h"

using namespace heddle::models;

namespace {

// gate.h: a lock that hands alarms to who leaves.
class Gate {
 public:
  static constexpr std::uint32_t held = 1, crowded = 2, alarm = 4;
  explicit Gate(int bug = 0) : bug_(bug) {}

  void enter() {
    std::uint32_t expected = 0;
    if (word_.compare_exchange_strong(expected, held, acquire, relaxed)) return;
    std::uint32_t mine = held;
    std::uint32_t word = word_.load(relaxed);
    for (;;) {
      if ((word & held) == 0) {
        if (word_.compare_exchange_weak(word, word | mine, acquire, relaxed)) return;
      } else if ((word & crowded) == 0) {
        word_.compare_exchange_weak(word, word | crowded, relaxed);
      } else {
        wait_while_equal(word_, word);
        if (bug_ != 3) mine = held | crowded;  // bug 3: forgets that others may sleep
        word = word_.load(relaxed);
      }
    }
  }
  bool leave(bool passed) {
    std::uint32_t former = word_.fetch_sub(held, bug_ == 1 ? relaxed : release);
    if ((former & crowded) != 0 && bug_ != 2) {
      word_.fetch_and(~crowded, relaxed);
      wake(word_);
    }
    return passed && (former & alarm) != 0;
  }
  void arm() { word_.fetch_or(alarm, acquire); }
  void disarm() { word_.fetch_and(~alarm, relaxed); }

 private:
  int bug_;
  Word word_;
};

class GateCase {
 public:
  static constexpr int threads = 3, bugs = 3;
  explicit GateCase(int bug) : gate_(bug) {}
  void run(int) {
    gate_.enter();
    count_.write(count_.read() + 1);
    gate_.leave(true);
  }
  void end() { require(count_.read() == 3, "three went through"); }

 private:
  Gate gate_;
  Data<int> count_;
};

// queue_core.cpp: one puts, two get; signal, alarm, a look, sleep; who has slept owes the next one
// a wake-up.
class QueueCase {
 public:
  static constexpr int threads = 3, bugs = 5;
  explicit QueueCase(int bug) : bug_(bug) {}
  void run(int thread) {
    if (thread < 2) return get();
    for (int i = 0; i < 2; ++i) {
      putters_.enter();
      item_[i].write(10 + i);
      put_.store(static_cast<std::uint32_t>(i + 1), bug_ == 1 ? relaxed : release);
      if (putters_.leave(true)) {
        putters_.disarm();
        signal_.fetch_add(1, release);
        if (bug_ != 2) wake(signal_, bug_ == 6 ? 100 : 1);
      }
    }
  }
  void end() { require(taken_.read() == 2, "both were taken"); }

 private:
  bool may_go() { return taken_.read() < static_cast<int>(put_.load(acquire)); }
  bool may_go_or_arm() {
    if (bug_ != 3) putters_.arm();  // bug 3: nobody is asked to wake
    return may_go();
  }
  void get() {
    bool slept = false;
    getters_.enter();
    while (!may_go()) {
      getters_.leave(false);
      getters_.enter();
      std::uint32_t seen = signal_.load(acquire);
      if (may_go_or_arm()) break;
      if (bug_ == 4)
        seen = signal_.load(acquire);  // bug 4: what happened since the look is not seen
      asleep_.write(asleep_.read() + 1);
      slept = true;
      getters_.leave(false);
      wait_while_equal(signal_, seen);
      getters_.enter();
      asleep_.write(asleep_.read() - 1);
    }
    require(item_[taken_.read()].read() == 10 + taken_.read(), "the item that was put");
    taken_.write(taken_.read() + 1);
    // bug 5: owes nothing
    bool wake_next = slept && bug_ != 5 && asleep_.read() > 0 && (may_go() || may_go_or_arm());
    getters_.leave(true);
    if (wake_next) {
      signal_.fetch_add(1, release);
      wake(signal_);
    }
  }
  int bug_;
  Gate putters_;
  Gate getters_;
  Word put_;
  Word signal_;
  Data<int> item_[2];
  Data<int> taken_;
  Data<int> asleep_;
};

// queue_core.cpp: shutdown() while a getter is about to sleep.
class QueueShutdownCase {
 public:
  static constexpr int threads = 2, bugs = 3;
  explicit QueueShutdownCase(int bug) : bug_(bug) {}
  void run(int thread) {
    if (thread == 1) {
      if (bug_ == 2) raise();  // bug 2: before there is anything to see
      gate_.enter();
      closed_.store(1, release);
      gate_.leave(false);
      if (bug_ != 1 && bug_ != 2) raise();
      return;
    }
    gate_.enter();
    while (closed_.load(relaxed) == 0) {
      std::uint32_t seen = bug_ == 3 ? 0 : signal_.load(acquire);
      if (bug_ != 3 && closed_.load(relaxed) != 0) break;
      gate_.leave(false);
      if (bug_ == 3) seen = signal_.load(acquire);  // bug 3: after the look
      wait_while_equal(signal_, seen);
      gate_.enter();
    }
    gate_.leave(false);
  }
  void end() {}

 private:
  void raise() {
    signal_.fetch_add(1, release);
    wake(signal_, 100);
  }
  int bug_;
  Gate gate_;
  Word closed_;
  Word signal_;
};

// A stop token: its callback raises the signal that the waiter has read.
class StopCase {
 public:
  static constexpr int threads = 2, bugs = 2;
  explicit StopCase(int bug) : bug_(bug) {}
  void run(int thread) {
    if (thread == 1) {
      reason_.write(3);
      stop_.store(1, seq_cst);
      if (bug_ == 1) return;  // the callback does not wake
      signal_.fetch_add(1, release);
      wake(signal_, 100);
      return;
    }
    while (true) {
      std::uint32_t seen = 0;
      if (bug_ != 2) seen = signal_.load(acquire);
      if (stop_.load(acquire) != 0) break;
      if (bug_ == 2) seen = signal_.load(acquire);  // bug 2: asked whether to stop before
      wait_while_equal(signal_, seen);
    }
    require(reason_.read() == 3, "what was done before the stop is seen");
  }
  void end() {}

 private:
  int bug_;
  Word stop_;
  Word signal_;
  Data<int> reason_;
};

// queue_core.cpp: join() and task_done(); bit 0 of `done`: somebody waits.
class JoinCase {
 public:
  static constexpr int threads = 3, bugs = 3;
  explicit JoinCase(int bug) : bug_(bug) {}
  void run(int thread) {
    if (thread < 2) {
      work_[thread].write(1);
      std::uint32_t done = done_.load(relaxed);
      std::uint32_t next = 0;
      do {
        next = done / 2 + 1 == 2 ? 4 : done + 2;
      } while (!done_.compare_exchange_weak(done, next, bug_ == 1 ? relaxed : acq_rel, relaxed));
      if ((done & 1) != 0 && done / 2 + 1 == 2 && bug_ != 2) {
        joiners_.fetch_add(1, release);
        wake(joiners_, 100);
      }
      return;
    }
    while (true) {
      std::uint32_t seen = joiners_.load(acquire);
      std::uint32_t done = bug_ == 3 ? done_.load(acquire) : done_.fetch_or(1, acquire);
      if (done / 2 == 2) break;
      wait_while_equal(joiners_, seen);
    }
    require(work_[0].read() + work_[1].read() == 2, "all the work is seen");
  }
  void end() {}

 private:
  int bug_;
  Word done_;
  Word joiners_;
  Data<int> work_[2];
};

// simple_core.cpp: a stack of nodes with a mark; a push takes the mark away and wakes one. Getters,
// one at a time, move all of it to the front.
class SimpleQueueCase {
 public:
  static constexpr int threads = 3, bugs = 6;
  explicit SimpleQueueCase(int bug) : bug_(bug) {}
  void run(int thread) { thread < 2 ? get() : put(); }
  void end() { require(taken_.read() == 2, "both were taken"); }

 private:
  static constexpr std::uint32_t armed = 1;
  static std::uint32_t nodes(std::uint32_t inbox) { return inbox / 2; }

  void put() {
    for (std::uint32_t node = 1; node <= 2; ++node) {
      item_[node].write(1);
      std::uint32_t former = inbox_.load(relaxed);
      do {
        next_[node].write(nodes(former));
      } while (
          !inbox_.compare_exchange_weak(former, node * 2, bug_ == 1 ? relaxed : release, relaxed));
      if ((former & armed) != 0) raise(bug_ != 2);
    }
  }
  void raise(bool wakes) {
    signal_.fetch_add(1, release);
    if (wakes) wake(signal_);
  }
  bool may_go() {
    if (front_.read() != 0) return true;
    if (nodes(inbox_.load(relaxed)) == 0) return false;
    for (std::uint32_t node = nodes(inbox_.fetch_and(armed, acquire)); node != 0;) {
      std::uint32_t older = next_[node].read();
      next_[node].write(front_.read());
      front_.write(node);
      node = older;
    }
    return front_.read() != 0;
  }
  bool may_go_or_arm() {
    // bug 5: what another getter has moved to the front is not looked at
    if (bug_ != 5 && front_.read() != 0) return true;
    if (bug_ == 3) return may_go();  // bug 3: does not arm
    return nodes(inbox_.fetch_or(armed, relaxed)) != 0 && may_go();
  }
  void get() {
    bool slept = false;
    lock_.lock();
    while (!may_go()) {
      lock_.unlock();
      lock_.lock();
      std::uint32_t seen = signal_.load(acquire);
      if (may_go_or_arm()) continue;
      if (bug_ == 4) seen = signal_.load(acquire);  // bug 4: what came since is not seen
      asleep_.write(asleep_.read() + 1);
      slept = true;
      lock_.unlock();
      wait_while_equal(signal_, seen);
      lock_.lock();
      asleep_.write(asleep_.read() - 1);
    }
    std::uint32_t node = front_.read();
    front_.write(next_[node].read());
    require(item_[node].read() == 1, "the item is seen");
    taken_.write(taken_.read() + 1);
    // bug 6: owes nothing
    bool wake_next = slept && bug_ != 6 && asleep_.read() > 0 && (may_go() || may_go_or_arm());
    lock_.unlock();
    if (wake_next) raise(true);
  }
  int bug_;
  Mutex lock_;
  Word inbox_;
  Word signal_;
  Data<int> item_[3];
  Data<std::uint32_t> next_[3];
  Data<std::uint32_t> front_;
  Data<int> asleep_;
  Data<int> taken_;
};

}  // namespace

TEST_CASE("models: Gate of a queue") { check_model<GateCase>("Gate"); }
TEST_CASE("models: Queue: sleeping and waking") { check_model<QueueCase>("Queue"); }
TEST_CASE("models: Queue: shutdown") { check_model<QueueShutdownCase>("Queue, shutdown"); }
TEST_CASE("models: a stop token and a wait") { check_model<StopCase>("stop"); }
TEST_CASE("models: Queue: join and task_done") { check_model<JoinCase>("Queue, join"); }
TEST_CASE("models: SimpleQueue") { check_model<SimpleQueueCase>("SimpleQueue"); }
