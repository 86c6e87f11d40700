// Baton: lets the threads of a run go one at a time.
//
// Each thread of the run has a BatonThread. The one that `running_` names works; all others sleep
// on their own word `go`. At a switch point the running thread asks for the next one (choose_next),
// tells it, and sleeps. What the fields mean changes only in the hands of who runs, so nothing here
// is locked.
//
//     state      means                                        left when
//     ready      could run; in ready_, unless it runs          it is chosen
//     waits      in futex_wait, a join, a poll or a sleep      woken, due, or (poll) readable
//     ended      its thread_locals are destroyed               never
#pragma once

#include <heddle/testing/choices.h>
#include <heddle/testing/explore_threads.h>
#include <pthread.h>

#include <atomic>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "testing/scheduler.h"

struct epoll_event;

namespace heddle::testing {

class Baton;

struct BatonThread {
  enum class State { ready, waits, ended };
  enum class Woken { no, by_wake, by_time };

  Baton* baton = nullptr;
  std::uint32_t number = 0;
  std::string name;
  std::atomic<std::uint32_t> go{0};
  State state = State::ready;
  // What it waits for: one of these, or only the deadline.
  const std::uint32_t* word = nullptr;
  const BatonThread* joins = nullptr;
  int descriptor = -1;  // an epoll
  Nanoseconds deadline = time_max;
  Woken woken = Woken::no;
  const char* site = "its start";  // the last switch point
  std::uint64_t since = 0;         // the step at which it began to wait
  std::uint32_t turns = 0;         // switch points that it kept the baton at
  std::atomic<std::uint64_t> ident{0};
  bool released = false;  // joined or detached
  // What it was made with.
  void* (*entry)(void*) = nullptr;
  void* argument = nullptr;
};

// What a run is made with.
struct BatonLimits {
  bool early_timeouts = true;
  bool spurious_wakes = true;
  std::uint64_t steps_max = 0;
  Nanoseconds virtual_max = 0;
};

class Baton final : public ThreadWorld, public ChoiceSource {
 public:
  Baton(std::uint64_t seed, const BatonLimits& limits, Choices& choices, Scheduler& scheduler)
      : ThreadWorld(seed), limits_(limits), choices_(choices), scheduler_(scheduler) {}
  ~Baton() override = default;

  // Runs body.run() in the first thread; returns when all threads have ended, or when the run is
  // given up. True: all have ended. Called by the thread that explores, which is not one of the
  // run.
  bool run(detail::ThreadBody& body);
  // Of the run: the kind of its failure ("" for none), and its text.
  const std::string& kind() const noexcept { return kind_; }
  const std::string& text() const noexcept { return text_; }
  // The first failure counts; what follows from it does not. Called by the thread that runs.
  void fail(std::string kind, std::string text);

  std::uint64_t steps() const noexcept { return steps_.load(std::memory_order_relaxed); }
  std::uint64_t switches() const noexcept { return switches_; }
  std::uint64_t hash() const noexcept { return hash_; }
  Nanoseconds time() const noexcept { return now_; }
  // After a run that was given up: the program's end must not wait for its threads.
  void leave_behind();

  // What the thread that runs does; see kernel.h.
  void point_at(BatonThread& self, const char* site);
  int wait(BatonThread& self, const std::uint32_t* word, std::uint32_t expected, Nanoseconds limit);
  int wake(BatonThread& self, const std::uint32_t* word, int count);
  int create(pthread_t* thread, const pthread_attr_t* attributes, void* (*entry)(void*),
             void* argument, const char* name);
  int join(BatonThread& self, pthread_t thread);
  int detach(pthread_t thread);
  int poll_epoll(BatonThread& self, int epoll, epoll_event* events, int capacity,
                 Nanoseconds limit);
  Nanoseconds read_clock();
  void sleep_for(BatonThread& self, Nanoseconds limit);
  void end(BatonThread& self);
  // A thread that is not of the run changed something that may be waited for.
  void disturbed() noexcept { disturbed_.store(true); }
  std::uint32_t decide(const Decision& decision, const char* site);
  std::uint32_t choose(std::uint32_t n, const char* site) override;

 private:
  class Inside;
  // Gives the baton to whoever is next, and comes back when this thread has it again.
  void pass(BatonThread& self);
  void block(BatonThread& self, Nanoseconds limit);
  BatonThread* choose_next(BatonThread* self);
  void collect(BatonThread* self);
  void look_outside();
  void make_ready(BatonThread& thread, BatonThread::Woken woken);
  BatonThread* next_deadline() const;
  void time_comes(Nanoseconds deadline);
  void step(BatonThread& self, const char* site);
  void give_up(std::string kind, std::string text);
  [[noreturn]] static void stay_behind();
  void hand_to(BatonThread& next);
  static void sleep_until_chosen(BatonThread& self);
  void switch_point(BatonThread& self, const char* site);
  std::string who_waits() const;
  std::string describe(const BatonThread& thread) const;
  void mix(std::uint64_t value) noexcept { hash_ = (hash_ ^ value) * 0x100000001b3; }
  void mix(std::string_view text) noexcept {
    for (char each : text) mix(static_cast<std::uint64_t>(static_cast<unsigned char>(each)));
  }
  void watch_over();
  BatonThread* find(pthread_t thread);

  BatonLimits limits_;
  Choices& choices_;
  Scheduler& scheduler_;
  std::deque<BatonThread> threads_;  // never moves; a number is an index
  std::vector<BatonThread*> ready_;  // the longest waiting first; not the running one
  std::vector<BatonThread*> candidates_;
  std::vector<std::uint32_t> numbers_;
  std::size_t alive_ = 0;
  std::atomic<std::uint64_t> steps_{0};
  std::uint64_t switches_ = 0;
  std::uint64_t hash_ = 0xcbf29ce484222325;
  Nanoseconds now_ = 1'000'000'000;
  std::string kind_;
  std::string text_;
  bool late_is_last_ = false;           // the last candidate would be early
  std::atomic<std::uint32_t> over_{0};  // 1: all have ended, 2: given up
  std::atomic<bool> disturbed_{false};
  std::atomic<std::size_t> published_{0};
  std::atomic<BatonThread*> running_{nullptr};
};

// The calling thread's; null outside of a run.
BatonThread* baton_thread() noexcept;

// Replaces the calls of the kernel table for as long as it lives.
class BatonCalls {
 public:
  explicit BatonCalls(Baton& baton);
  BatonCalls(const BatonCalls&) = delete;
  BatonCalls& operator=(const BatonCalls&) = delete;
  ~BatonCalls();
};

}  // namespace heddle::testing
