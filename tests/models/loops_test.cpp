// Models of what crosses from threads to futures, pools and loops: the same steps and memory orders
// as in src/futures/ and src/asyncio/.
#include "futures/inbox.h"
#include "futures/sleepers.h"
#include "models/cases.h"

using namespace heddle::models;

namespace {

// inbox.h of asyncio, and how a loop sleeps: two threads post, the loop takes until it has both.
class LoopInboxCase {
 public:
  static constexpr int threads = 3, bugs = 4;
  explicit LoopInboxCase(int bug) : bug_(bug) {}
  void run(int thread) {
    if (thread < 2) return post(thread);
    for (int taken = 0; taken < 2;) {
      std::uint32_t chain = take();
      for (; chain != 0; chain = next_[chain - node].read(), ++taken)
        require(payload_[chain - node].read() == 1, "the handle is seen whole");
      if (taken == 2) break;
      sleep();
    }
  }
  void end() {}

 private:
  static constexpr std::uint32_t asleep = 1, node = 2;
  void post(int thread) {
    payload_[thread].write(1);
    std::uint32_t head = head_.load(acquire);
    while (true) {
      next_[thread].write(head == asleep ? 0 : head);
      if (head_.compare_exchange_weak(head, node + static_cast<std::uint32_t>(thread),
                                      bug_ == 1 ? relaxed : release, acquire))
        break;
    }
    if (head != asleep || bug_ == 2) return;
    event_.fetch_add(1, relaxed);  // the eventfd
    wake(event_);
  }
  std::uint32_t take() {
    std::uint32_t head = head_.load(relaxed);
    if (head == 0 || head == asleep) return 0;
    return head_.exchange(0, bug_ == 3 ? relaxed : acquire);
  }
  void sleep() {
    std::uint32_t expected = 0;
    if (bug_ == 4) {
      if (head_.load(relaxed) != 0) return;
      head_.store(asleep, relaxed);  // bug 4: a post in between is overwritten
    } else if (!head_.compare_exchange_strong(expected, asleep, relaxed)) {
      return;
    }
    while (event_.newest() == told_) wait(event_, told_);  // the poll
    told_ = event_.newest();
    expected = asleep;
    head_.compare_exchange_strong(expected, 0, relaxed);
  }
  int bug_;
  Word head_;
  Word event_;
  std::uint32_t told_ = 0;
  Data<std::uint32_t> next_[2];
  Data<int> payload_[2];
};

// inbox.h of asyncio: close() waits for those who are about to wake the loop, since its poller dies
// then.
class LoopCloseCase {
 public:
  static constexpr int threads = 3, bugs = 3;
  explicit LoopCloseCase(int bug) : bug_(bug), head_(asleep) {}
  void run(int thread) {
    if (thread < 2) return post(thread);
    std::uint32_t head = head_.exchange(closed, acq_rel);
    if (bug_ != 1) {
      while (waking_.load(bug_ == 2 ? relaxed : acquire) != 0) yield();
    }
    poller_.write(0);  // it is gone
    static_cast<void>(head);
  }
  void end() {}

 private:
  static constexpr std::uint32_t closed = 1, asleep = 2, node = 3;
  void post(int thread) {
    std::uint32_t head = head_.load(acquire);
    bool counted = false;
    while (head != closed) {
      if (head == asleep && !counted && bug_ != 3) {
        counted = true;
        waking_.fetch_add(1, relaxed);
      }
      if (!head_.compare_exchange_weak(head, node + static_cast<std::uint32_t>(thread), release,
                                       acquire))
        continue;
      if (head == asleep) {
        if (bug_ == 3) waking_.fetch_add(1, relaxed);  // bug 3: counted when it may be too late
        require(poller_.read() == 1, "the poller is there");
        waking_.fetch_sub(1, release);
      } else if (counted) {
        waking_.fetch_sub(1, release);
      }
      return;
    }
    if (counted) waking_.fetch_sub(1, release);
  }
  int bug_;
  Word head_;
  Word waking_;
  Data<int> poller_{1};
};

// future_core.cpp: the state word; a value is stored between two of its steps.
class FutureCase {
 public:
  static constexpr int threads = 3, bugs = 4;
  explicit FutureCase(int bug) : bug_(bug) {}
  void run(int thread) {
    if (thread == 0) {  // the worker
      std::uint32_t word = word_.load(relaxed);
      while (true) {
        if ((word & phase) == cancelled && bug_ != 3) return;  // bug 3: runs what is cancelled
        if (word_.compare_exchange_weak(word, (word & ~phase) | owned, acquire, relaxed)) break;
      }
      value_.write(42);
      publish(finished);
      ran_.write(1);
      return;
    }
    if (thread == 1) {  // somebody cancels
      std::uint32_t word = word_.load(relaxed);
      while ((word & phase) == pending) {
        if (!word_.compare_exchange_weak(word, (word & ~phase) | cancelled, acq_rel, acquire))
          continue;
        if ((word & waiters) != 0) wake(word_, 100);
        cancels_.write(1);
        return;
      }
      return;
    }
    std::uint32_t word = word_.load(acquire);
    while ((word & phase) == pending || (word & phase) == owned) {
      // The mark is set by the same step that looks. bug 4: it is not set.
      word = bug_ == 4 ? word_.load(acquire) : word_.fetch_or(waiters, acquire) | waiters;
      if ((word & phase) == cancelled || (word & phase) == finished) break;
      wait_while_equal(word_, word);
      word = word_.load(acquire);
    }
    if ((word & phase) == finished) require(value_.read() == 42, "the value is seen");
  }
  void end() { require(ran_.read() + cancels_.read() == 1, "it ran or was cancelled, not both"); }

 private:
  static constexpr std::uint32_t pending = 0, cancelled = 1, owned = 2, finished = 3, phase = 3,
                                 waiters = 4;
  void publish(std::uint32_t end) {
    std::uint32_t former = word_.exchange(end, bug_ == 1 ? relaxed : release);
    if ((former & waiters) != 0 && bug_ != 2) wake(word_, 100);
  }
  int bug_;
  Word word_;
  Data<int> value_;
  Data<int> ran_;
  Data<int> cancels_;
};

// sleepers.h and inbox.h of futures: who adds work and who falls asleep write one thing each and
// read the other's.
class SleepersCase {
 public:
  static constexpr int threads = 3, bugs = 5;
  explicit SleepersCase(int bug) : bug_(bug) {}
  void run(int thread) {
    if (thread == 2) {
      for (std::uint32_t i = 1; i <= 2; ++i) {
        work_[i - 1].write(1);
        jobs_.fetch_add(1, bug_ == 1 ? release : seq_cst);
        wake_for_work();
      }
      // Only when both are done, or the end would wake those that were forgotten.
      for (std::uint32_t done = done_.load(acquire); done < 2; done = done_.load(acquire))
        wait_while_equal(done_, done);
      closed_.store(1, seq_cst);
      claims_.fetch_or(all_awake, release);
      wake(claims_, 100);
      return;
    }
    worker();
  }
  void end() { require(done_.load() == 2, "both jobs were done"); }

 private:
  static constexpr std::uint32_t searching = 1, one_asleep = 2, all_awake = 64;

  void wake_for_work() {
    std::uint32_t word = sleepers_.load(bug_ == 1 ? relaxed : seq_cst);
    while ((word & searching) == 0 && word >= one_asleep) {
      if (!sleepers_.compare_exchange_weak(word, word - one_asleep + searching, seq_cst)) continue;
      claims_.fetch_add(1, release);
      if (bug_ != 2) wake(claims_);
      return;
    }
  }
  bool take() {
    std::uint32_t jobs = jobs_.load(seq_cst);
    while (jobs > 0) {
      if (jobs_.compare_exchange_weak(jobs, jobs - 1, acq_rel, acquire)) {
        return true;
      }
    }
    return false;
  }
  void do_job() {
    // A job needs the other one: two workers must come.
    taken_.fetch_add(1, acq_rel);
    wake(taken_, 100);
    wait_while_equal(taken_, 1);
    done_.fetch_add(1, acq_rel);
    wake(done_, 100);
  }
  void worker() {
    bool is_searching = false;
    while (true) {
      if (take()) {
        if (is_searching) {
          sleepers_.fetch_sub(searching, seq_cst);
          is_searching = false;
          if (jobs_.load(seq_cst) > 0 && bug_ != 4) wake_for_work();  // bug 4: wakes no other
        }
        do_job();
        continue;
      }
      if (closed_.load(seq_cst) != 0 && jobs_.load(seq_cst) == 0) return;
      sleepers_.fetch_add(is_searching ? one_asleep - searching : one_asleep, seq_cst);
      is_searching = false;
      // bug 3: does not look again after it has said that it sleeps
      if (bug_ != 3 && (jobs_.load(seq_cst) > 0 || closed_.load(seq_cst) != 0) && withdraw())
        continue;
      is_searching = sleep_until_claimed();
      if (!is_searching && closed_.load(seq_cst) == 0) continue;
    }
  }
  bool withdraw() {
    std::uint32_t word = sleepers_.load(relaxed);
    while (word >= one_asleep) {
      if (sleepers_.compare_exchange_weak(word, word - one_asleep, seq_cst, relaxed)) return true;
    }
    return false;
  }
  bool sleep_until_claimed() {
    while (true) {
      std::uint32_t claims = claims_.load(acquire);
      while ((claims & ~all_awake) != 0) {
        if (bug_ == 5) return true;  // bug 5: the claim is not taken away
        if (claims_.compare_exchange_weak(claims, claims - 1, acquire)) return true;
      }
      if (claims != 0) return false;
      wait_while_equal(claims_, 0);
    }
  }
  int bug_;
  Word jobs_;
  Word sleepers_;
  Word claims_;
  Word closed_;
  Word taken_;
  Word done_;
  Data<int> work_[2];
};

// The code itself: Inbox and Sleepers of futures on the checker's atomics, used as the pool does.
class PoolCase {
 public:
  static constexpr int threads = 3, bugs = 4;
  explicit PoolCase(int bug) : bug_(bug) {}
  void run(int thread) {
    if (thread < 2) return work();
    for (Job& job : jobs_) {
      job.written.write(1);
      inbox_.push(job);
      wake_for_work();
    }
    for (std::uint32_t done = done_.load(acquire); done < 2; done = done_.load(acquire))
      wait_while_equal(done_, done);
    closed_.store(1, seq_cst);
    claims_.fetch_or(all_awake, release);
    wake(claims_, 100);
  }
  void end() { require(done_.load() == 2, "both jobs were done"); }

 private:
  struct Job {
    Job* next = nullptr;
    Data<int> written;
  };
  static constexpr std::uint32_t all_awake = 64;

  bool empty() { return inbox_.empty() && ready_.load(seq_cst) == nullptr; }
  void wake_for_work() {
    if (!sleepers_.claim_one()) return;
    claims_.fetch_add(1, release);
    if (bug_ != 1) wake(claims_);
  }
  Job* take() {
    lock_.lock();
    Job* job = ready_.load(relaxed);
    if (job == nullptr) job = inbox_.take_all();
    if (job != nullptr) ready_.store(job->next, seq_cst);
    lock_.unlock();
    return job;
  }
  // Each job needs that the other one runs: two workers must come.
  void run_job(Job& job) {
    require(job.written.read() == 1, "the job is seen whole");
    running_.fetch_add(1, acq_rel);
    wake(running_, 100);
    wait_while_equal(running_, 1);
    done_.fetch_add(1, acq_rel);
    wake(done_, 100);
  }
  void work() {
    bool searching = false;
    while (true) {
      if (Job* job = take()) {
        if (searching) {
          sleepers_.end_search();
          if (!empty() && bug_ != 3) wake_for_work();  // bug 3: wakes no other
        }
        searching = false;
        run_job(*job);
        continue;
      }
      if (closed_.load(seq_cst) != 0) return;
      sleepers_.sleep(searching);
      searching = false;
      // bug 2: does not look again after it has said that it sleeps
      bool awake = bug_ != 2 && (!empty() || closed_.load(seq_cst) != 0) && sleepers_.withdraw();
      if (!awake) searching = sleep_until_claimed();
    }
  }
  bool sleep_until_claimed() {
    while (true) {
      std::uint32_t claims = claims_.load(acquire);
      while ((claims & ~all_awake) != 0) {
        if (bug_ == 4) return true;  // bug 4: the claim is not taken away
        if (claims_.compare_exchange_weak(claims, claims - 1, acquire)) return true;
      }
      if (claims != 0) return false;
      wait_while_equal(claims_, 0);
    }
  }

  int bug_;
  heddle::futures::Inbox<Job, Atomic> inbox_;
  heddle::futures::Sleepers<Atomic> sleepers_;
  Mutex lock_;
  Atomic<Job*> ready_;
  Word claims_;
  Word closed_;
  Word running_;
  Word done_;
  Job jobs_[2];
};

}  // namespace

TEST_CASE("models: the inbox of a loop") { check_model<LoopInboxCase>("loop inbox"); }
TEST_CASE("models: a loop that closes") { check_model<LoopCloseCase>("loop close"); }
TEST_CASE("models: the state of a Future") { check_model<FutureCase>("Future"); }
TEST_CASE("models: workers that sleep") { check_model<SleepersCase>("Sleepers"); }
TEST_CASE("models: the pool's own Inbox and Sleepers") { check_model<PoolCase>("pool"); }
