#include "testing/baton.h"

#include <poll.h>

#include <algorithm>
#include <cerrno>

#include "core/kernel.h"
#include "testing/unseen.h"

namespace heddle::testing {

using core::SystemCalls;

namespace {

constinit thread_local BatonThread* current = nullptr;

// How long a thread may keep the baton at switch points before the tame choice is another one: who
// waits in a loop of its own for another thread must not wait for ever.
constexpr std::uint32_t patience = 200;
constexpr Nanoseconds clock_tick =
    1'000;  // reading the clock takes time, or loops that read it would not end

std::uint32_t* word_of(std::atomic<std::uint32_t>& atomic) {
  return reinterpret_cast<std::uint32_t*>(&atomic);
}

// Made first in each thread of a run, so that it is destroyed last of its thread_locals: those
// still run under the baton.
struct BatonEnd {
  BatonThread* thread = nullptr;
  ~BatonEnd() {
    if (thread == nullptr) return;
    BatonThread& ended = *thread;
    ended.baton->end(ended);
    set_choice_source(nullptr);
    current = nullptr;
  }
};

}  // namespace

BatonThread* baton_thread() noexcept { return current; }

// The world

std::uint32_t ThreadWorld::choose(std::uint32_t n, const char* site) {
  Unseen unseen;
  if (n < 2 || current == nullptr) return 0;
  return current->baton->decide({.n = n, .others_cost = false}, site);
}
void ThreadWorld::point(const char* site) { core::Kernel::scheduling_point(site); }
void ThreadWorld::sleep(Delay delay) {
  if (current != nullptr) current->baton->sleep_for(*current, delay.nanoseconds());
}
Nanoseconds ThreadWorld::now() const { return core::Kernel::monotonic_now(); }

// A call into the baton. What the thread did so far is released to whoever looks at the end of the
// run; no thread of the run acquires it.
class Baton::Inside {
 public:
  explicit Inside(Baton& baton) noexcept : release_(baton) {}

 private:
  struct Release {
    explicit Release(Baton& baton) noexcept {
      baton.published_.fetch_add(1, std::memory_order_release);
    }
  };
  Release release_;  // first: it must be seen
  Unseen unseen_;
};

// Choices

std::uint32_t Baton::decide(const Decision& decision, const char* site) {
  std::uint32_t proposed = decision.n > 1 ? scheduler_.propose(decision) : 0;
  std::uint32_t answer = choices_.choose(decision.n, site, proposed);
  mix(answer);
  return answer;
}

std::uint32_t Baton::choose(std::uint32_t n, const char* site) {
  Inside inside(*this);
  return n < 2 ? 0 : decide({.n = n}, site);
}

// Who is next

void Baton::make_ready(BatonThread& thread, BatonThread::Woken woken) {
  thread.state = BatonThread::State::ready;
  thread.woken = woken;
  thread.word = nullptr;
  thread.joins = nullptr;
  thread.descriptor = -1;
  thread.deadline = time_max;
  ready_.push_back(&thread);
}

// What became ready without a thread of the run doing it.
void Baton::look_outside() {
  bool disturbed = disturbed_.exchange(false);
  for (BatonThread& thread : threads_) {
    if (thread.state != BatonThread::State::waits) continue;
    if (thread.deadline <= now_) {
      make_ready(thread, BatonThread::Woken::by_time);
    } else if (thread.word != nullptr && disturbed) {
      make_ready(thread, BatonThread::Woken::by_wake);
    } else if (thread.descriptor >= 0) {
      pollfd watched{thread.descriptor, POLLIN, 0};
      if (SystemCalls::poll(&watched, 1, 0) > 0) make_ready(thread, BatonThread::Woken::by_wake);
    }
  }
}

BatonThread* Baton::next_deadline() const {
  const BatonThread* first = nullptr;
  for (const BatonThread& thread : threads_) {
    if (thread.state != BatonThread::State::waits || thread.deadline == time_max) continue;
    if (first == nullptr || thread.deadline < first->deadline) first = &thread;
  }
  return const_cast<BatonThread*>(first);
}

void Baton::time_comes(Nanoseconds deadline) {
  now_ = std::max(now_, deadline);
  mix(static_cast<std::uint64_t>(now_));
  for (BatonThread& thread : threads_) {
    if (thread.state == BatonThread::State::waits && thread.deadline <= now_)
      make_ready(thread, BatonThread::Woken::by_time);
  }
}

void Baton::collect(BatonThread* self) {
  candidates_.clear();
  bool can_go_on = self != nullptr && self->state == BatonThread::State::ready;
  if (can_go_on && self->turns < patience) candidates_.push_back(self);
  candidates_.insert(candidates_.end(), ready_.begin(), ready_.end());
  if (can_go_on && self->turns >= patience) candidates_.push_back(self);
  BatonThread* early = next_deadline();
  late_is_last_ = early != nullptr && (candidates_.empty() || limits_.early_timeouts);
  if (late_is_last_) candidates_.push_back(early);
  numbers_.clear();
  for (const BatonThread* thread : candidates_) numbers_.push_back(thread->number);
}

BatonThread* Baton::choose_next(BatonThread* self) {
  look_outside();
  collect(self);
  if (candidates_.empty()) {
    give_up("deadlock", "deadlock: no thread can go on, and no time is waited for\n" + who_waits());
    return nullptr;
  }
  auto n = static_cast<std::uint32_t>(candidates_.size());
  std::uint32_t answer = 0;
  if (n > 1) {
    Decision decision{.kind = Decision::Kind::next,
                      .n = n,
                      .threads = numbers_.data(),
                      .step = steps(),
                      .others_cost = self != nullptr && candidates_.front() == self,
                      .last_is_late = late_is_last_};
    answer = decide(decision, "next");
  }
  BatonThread& chosen = *candidates_[answer];
  if (answer != 0 && choices_.wants_notes()) {
    choices_.note(describe(chosen) + " goes on" +
                  (late_is_last_ && answer == n - 1 ? ", its time has come" : "") +
                  (self != nullptr ? " before " + describe(*self) : ""));
  }
  if (late_is_last_ && answer == n - 1) {
    time_comes(chosen.deadline);
    if (now_ > limits_.virtual_max) {
      give_up("time", "the run took more virtual time than virtual_max\n" + who_waits());
      return nullptr;
    }
  }
  std::erase(ready_, &chosen);
  mix(chosen.number);
  return &chosen;
}

// Handing over

void Baton::hand_to(BatonThread& next) {
  ++switches_;
  next.go.store(1);
  SystemCalls::futex_wake(word_of(next.go), 1);
}

void Baton::sleep_until_chosen(BatonThread& self) {
  while (self.go.exchange(0) == 0) SystemCalls::futex_wait(word_of(self.go), 0, -1);
  self.baton->running_.store(&self, std::memory_order_relaxed);
}

void Baton::stay_behind() {
  static std::atomic<std::uint32_t> never{0};
  while (true) SystemCalls::futex_wait(word_of(never), 0, -1);
}

void Baton::pass(BatonThread& self) {
  BatonThread* next = choose_next(&self);
  if (next == nullptr) stay_behind();
  if (next == &self) {
    ++self.turns;
    return;
  }
  self.turns = 0;
  if (self.state == BatonThread::State::ready) std::erase(ready_, &self), ready_.push_back(&self);
  hand_to(*next);
  sleep_until_chosen(self);
}

void Baton::block(BatonThread& self, Nanoseconds limit) {
  self.state = BatonThread::State::waits;
  self.woken = BatonThread::Woken::no;
  self.since = steps();
  self.deadline = limit < 0 ? time_max : saturating_add(now_, limit);
  pass(self);
}

void Baton::step(BatonThread& self, const char* site) {
  std::uint64_t count = steps_.load(std::memory_order_relaxed) + 1;
  steps_.store(count, std::memory_order_relaxed);
  mix(self.number);
  mix(std::string_view(site));
  if (count <= limits_.steps_max) return;
  give_up("livelock",
          "the run does not end: " + std::to_string(limits_.steps_max) + " steps\n" + who_waits());
  stay_behind();
}

void Baton::switch_point(BatonThread& self, const char* site) {
  step(self, site);
  pass(self);
}

// What threads do

void Baton::point_at(BatonThread& self, const char* site) {
  Inside inside(*this);
  self.site = site;
  switch_point(self, site);
}

int Baton::wait(BatonThread& self, const std::uint32_t* word, std::uint32_t expected,
                Nanoseconds limit) {
  Inside inside(*this);
  switch_point(self, "wait");
  if (__atomic_load_n(word, __ATOMIC_SEQ_CST) != expected) {
    errno = EAGAIN;
    return -1;
  }
  if (limits_.spurious_wakes &&
      decide({.kind = Decision::Kind::spurious, .n = 2}, "spurious wake") != 0) {
    if (choices_.wants_notes()) choices_.note("of " + describe(self));
    errno = EINTR;
    return -1;
  }
  self.word = word;
  block(self, limit);
  if (self.woken != BatonThread::Woken::by_time) return 0;
  errno = ETIMEDOUT;
  return -1;
}

int Baton::wake(BatonThread& self, const std::uint32_t* word, int count) {
  Inside inside(*this);
  int saved = errno;
  switch_point(self, "wake");
  std::vector<BatonThread*> waiting;
  for (BatonThread& thread : threads_) {
    if (thread.state == BatonThread::State::waits && thread.word == word)
      waiting.push_back(&thread);
  }
  std::sort(waiting.begin(), waiting.end(),
            [](const BatonThread* a, const BatonThread* b) { return a->since < b->since; });
  int woken = 0;
  while (woken < count && !waiting.empty()) {
    std::size_t which = 0;
    if (waiting.size() > static_cast<std::size_t>(count - woken)) {
      which = decide({.n = static_cast<std::uint32_t>(waiting.size())}, "wakes");
      if (choices_.wants_notes()) choices_.note(describe(*waiting[which]));
    }
    make_ready(*waiting[which], BatonThread::Woken::by_wake);
    waiting.erase(waiting.begin() + static_cast<std::ptrdiff_t>(which));
    ++woken;
  }
  errno = saved;
  return woken;
}

int Baton::create(pthread_t* thread, const pthread_attr_t* attributes, void* (*entry)(void*),
                  void* argument, const char* name) {
  BatonThread* made = nullptr;
  {
    Inside inside(*this);
    made = &threads_.emplace_back();
    made->baton = this;
    made->number = static_cast<std::uint32_t>(threads_.size() - 1);
    made->name = name;
    made->entry = entry;
    made->argument = argument;
  }
  auto begin = [](void* own) -> void* {
    auto& self = *static_cast<BatonThread*>(own);
    static thread_local BatonEnd at_end;
    at_end.thread = &self;
    current = &self;
    set_choice_source(self.baton);
    {
      Unseen unseen;
      sleep_until_chosen(self);
    }
    return self.entry(self.argument);
  };
  int error = SystemCalls::thread_create(thread, attributes, begin, made, name);
  Inside inside(*this);
  if (error != 0) {
    made->state = BatonThread::State::ended;
    return error;
  }
  made->ident.store(static_cast<std::uint64_t>(*thread));
  ++alive_;
  if (made->number == 0) {
    hand_to(*made);
  } else {
    ready_.push_back(made);
  }
  return 0;
}

// The number of a thread may be used again once it was joined: the last one is meant.
BatonThread* Baton::find(pthread_t thread) {
  for (std::size_t i = threads_.size(); i > 0; --i) {
    if (threads_[i - 1].ident.load() == static_cast<std::uint64_t>(thread)) return &threads_[i - 1];
  }
  return nullptr;
}

int Baton::join(BatonThread& self, pthread_t thread) {
  {
    Inside inside(*this);
    self.site = "join";
    switch_point(self, "join");
    BatonThread* found = find(thread);
    while (found != nullptr && found->state != BatonThread::State::ended) {
      self.joins = found;
      block(self, -1);
    }
    if (found != nullptr) found->released = true;
  }
  return SystemCalls::thread_join(thread);  // it is at its very end
}

int Baton::detach(pthread_t thread) {
  {
    Inside inside(*this);
    BatonThread* found = find(thread);
    if (found != nullptr) found->released = true;
  }
  return SystemCalls::thread_detach(thread);
}

int Baton::poll_epoll(BatonThread& self, int epoll, epoll_event* events, int capacity,
                      Nanoseconds limit) {
  {
    Inside inside(*this);
    self.site = "poll";
    switch_point(self, "poll");
  }
  int count = SystemCalls::epoll_wait(epoll, events, capacity, 0);
  if (count != 0 || limit == 0) return count;
  {
    Inside inside(*this);
    self.descriptor = epoll;
    block(self, limit);
  }
  return SystemCalls::epoll_wait(epoll, events, capacity, 0);
}

Nanoseconds Baton::read_clock() {
  Inside inside(*this);
  now_ += clock_tick;
  return now_;
}

void Baton::sleep_for(BatonThread& self, Nanoseconds limit) {
  Inside inside(*this);
  self.site = "sleep";
  step(self, "sleep");
  block(self, std::max<Nanoseconds>(limit, 0));
}

void Baton::end(BatonThread& self) {
  Inside inside(*this);
  self.state = BatonThread::State::ended;
  for (BatonThread& thread : threads_) {
    if (thread.state == BatonThread::State::waits && thread.joins == &self)
      make_ready(thread, BatonThread::Woken::by_wake);
  }
  if (--alive_ == 0) {
    over_.store(1);
    SystemCalls::futex_wake(word_of(over_), 1);
    return;
  }
  if (BatonThread* next = choose_next(&self)) hand_to(*next);
}

}  // namespace heddle::testing
