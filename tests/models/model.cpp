#include "models/model.h"

#include <ucontext.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <utility>

namespace heddle::models {

namespace {

struct Failed {};

struct Made {
  std::uint32_t n;
  std::uint32_t answer;
};

struct Step {
  int thread;
  const char* operation;
  const void* where;
  std::uint64_t value;
};

// One search: the fibers, the choices made, and the execution under way.
class Search {
 public:
  Search(Factory& factory, const Limits& limits) : factory_(factory), limits_(limits) {}

  Result run();

  Thread& step();
  std::uint32_t choose(std::uint32_t n);
  void sleep(const void* word, bool timed);
  void wake(const void* word, int count);
  void yield();
  void log(const char* operation, const void* where, std::uint64_t value) {
    if (logs_) steps_.push_back({current_, operation, where, value});
  }
  void fail(const std::string& what) {
    if (failure_.empty()) failure_ = what;
    throw Failed();
  }

  int current_ = 0;
  std::array<Thread, threads_max> threads_;

 private:
  struct Fiber {
    ucontext_t context;
    std::unique_ptr<char[]> stack;
  };
  static constexpr std::size_t stack_size = 128 * 1024;

  static void enter(unsigned high, unsigned low);
  void fiber(int index);
  void execute();
  bool next();
  void switch_to(int index);
  void go_on(bool self_can);
  void stop(const char* what);
  std::string trace() const;

  Factory& factory_;
  Limits limits_;
  std::vector<Made> made_;
  std::size_t at_ = 0;
  std::uint32_t deviations_ = 0;  // of this execution
  std::uint32_t bound_ = 0;
  bool beyond_ = false;  // something was left out because of the bound
  std::array<Fiber, threads_max> fibers_;
  std::array<bool, threads_max> has_fiber_{};
  std::unique_ptr<AnyCase> case_;
  int count_ = 0;
  std::uint32_t step_count_ = 0;
  std::vector<int> sleepers_;  // in the order of their coming
  std::string failure_;
  bool logs_ = false;
  std::vector<Step> steps_;
  std::uint64_t executions_ = 0;
};

Search* search = nullptr;

// Choices

std::uint32_t Search::choose(std::uint32_t n) {
  if (n < 2 || !failure_.empty()) return 0;
  if (at_ == made_.size()) made_.push_back({n, 0});
  std::uint32_t answer = made_[at_++].answer;
  if (answer != 0) ++deviations_;
  return answer;
}

// The next execution: the last choice that has another answer within the bound gets it.
bool Search::next() {
  made_.resize(at_);
  std::uint32_t used = deviations_;
  while (!made_.empty()) {
    Made& last = made_.back();
    if (last.answer != 0) --used;
    if (last.answer + 1 < last.n) {
      if (used < bound_) {
        ++last.answer;
        return true;
      }
      beyond_ = true;
    }
    made_.pop_back();
  }
  return false;
}

// Fibers

void Search::enter(unsigned high, unsigned low) {
  int index = static_cast<int>(low);
  static_cast<void>(high);
  search->fiber(index);
}

void Search::fiber(int index) {
  while (true) {
    try {
      case_->run(index - 1);
    } catch (const Failed&) {
      switch_to(0);
      continue;
    }
    threads_[static_cast<std::size_t>(index)].ended = true;
    // Its end is a step as well.
    try {
      go_on(false);
    } catch (const Failed&) {
      switch_to(0);
    }
  }
}

void Search::switch_to(int index) {
  int former = current_;
  if (former == index) return;
  current_ = index;
  auto& from = fibers_[static_cast<std::size_t>(former)];
  auto& to = fibers_[static_cast<std::size_t>(index)];
  swapcontext(&from.context, &to.context);
}

// Who goes on: the current thread if it can, or any other that can.
void Search::go_on(bool self_can) {
  std::array<int, threads_max * 2> candidates{};
  std::uint32_t n = 0;
  Thread& self = threads_[static_cast<std::size_t>(current_)];
  bool waits_politely = self_can && self.yielded;
  if (self_can && !waits_politely) candidates[n++] = current_;
  int ended = 0;
  for (int i = 1; i <= count_; ++i) {
    Thread& thread = threads_[static_cast<std::size_t>(i)];
    ended += thread.ended ? 1 : 0;
    if (i == current_ || thread.ended || thread.waits_for != nullptr) continue;
    candidates[n++] = i;
  }
  if (waits_politely && n == 0) candidates[n++] = current_;
  for (int i = 1; i <= count_; ++i) {  // whose time may come
    Thread& thread = threads_[static_cast<std::size_t>(i)];
    if (thread.waits_for != nullptr && thread.timed && !thread.ended) candidates[n++] = i;
  }
  self.yielded = false;
  if (n == 0) {
    if (ended == count_) return switch_to(0);
    return stop("a deadlock: nobody goes on");
  }
  int chosen = candidates[choose(n)];
  Thread& next = threads_[static_cast<std::size_t>(chosen)];
  if (next.waits_for != nullptr) {
    next.waits_for = nullptr;
    next.woken = false;
    std::erase(sleepers_, chosen);
  }
  switch_to(chosen);
}

void Search::stop(const char* what) {
  if (failure_.empty()) failure_ = what;
  switch_to(0);
}

Thread& Search::step() {
  Thread& self = threads_[static_cast<std::size_t>(current_)];
  if (current_ == 0) return self;
  if (++step_count_ > limits_.steps) stop("it does not end");
  go_on(true);
  ++self.clock.at[static_cast<std::size_t>(current_)];
  return self;
}

void Search::yield() {
  threads_[static_cast<std::size_t>(current_)].yielded = true;
  step();
}

void Search::sleep(const void* word, bool timed) {
  Thread& self = threads_[static_cast<std::size_t>(current_)];
  self.waits_for = word;
  self.timed = timed;
  self.woken = true;
  sleepers_.push_back(current_);
  go_on(false);
}

void Search::wake(const void* word, int count) {
  for (std::size_t i = 0; i < sleepers_.size() && count > 0;) {
    Thread& thread = threads_[static_cast<std::size_t>(sleepers_[i])];
    if (thread.waits_for != word) {
      ++i;
      continue;
    }
    thread.waits_for = nullptr;
    sleepers_.erase(sleepers_.begin() + static_cast<std::ptrdiff_t>(i));
    --count;
  }
}

// One execution

void Search::execute() {
  at_ = 0;
  deviations_ = 0;
  step_count_ = 0;
  steps_.clear();
  sleepers_.clear();
  threads_ = {};
  current_ = 0;
  threads_[0].clock.at[0] = 1;
  case_.reset();
  case_ = factory_.make();
  count_ = case_->thread_count();
  for (int i = 1; i <= count_; ++i) {
    threads_[static_cast<std::size_t>(i)].clock = threads_[0].clock;
    auto& fiber = fibers_[static_cast<std::size_t>(i)];
    if (has_fiber_[static_cast<std::size_t>(i)]) continue;
    has_fiber_[static_cast<std::size_t>(i)] = true;
    if (!fiber.stack) fiber.stack.reset(new char[stack_size]);
    getcontext(&fiber.context);
    fiber.context.uc_stack.ss_sp = fiber.stack.get();
    fiber.context.uc_stack.ss_size = stack_size;
    fiber.context.uc_link = nullptr;
    makecontext(&fiber.context, reinterpret_cast<void (*)()>(&Search::enter), 2, 0U,
                static_cast<unsigned>(i));
  }
  go_on(false);
  if (!failure_.empty()) return;
  for (int i = 1; i <= count_; ++i)
    threads_[0].clock.join(threads_[static_cast<std::size_t>(i)].clock);
  try {
    case_->end();
  } catch (const Failed&) {
  }
}

std::string Search::trace() const {
  std::vector<const void*> places;
  std::string text;
  for (const Step& each : steps_) {
    auto found = std::find(places.begin(), places.end(), each.where);
    auto place = found - places.begin();
    if (found == places.end()) places.push_back(each.where);
    text += "\n    thread " + std::to_string(each.thread - 1) + " " + each.operation + " " +
            std::to_string(each.value) + ", word " + static_cast<char>('A' + place % 26);
  }
  return text;
}

Result Search::run() {
  Result result;
  search = this;
  for (bound_ = 1; bound_ <= limits_.deviations; ++bound_) {
    made_.clear();
    beyond_ = false;
    do {
      execute();
      ++executions_;
      if (!failure_.empty()) {
        std::string what = std::exchange(failure_, std::string());
        has_fiber_ = {};  // what is on their stacks is never unwound
        static_cast<void>(case_.release());
        logs_ = true;
        made_.resize(at_);
        execute();
        static_cast<void>(case_.release());
        result.failure = what + trace();
        result.executions = executions_;
        search = nullptr;
        return result;
      }
    } while (executions_ < limits_.executions && next());
    if (executions_ >= limits_.executions) break;
    result.deviations = bound_;
    if (!beyond_) {
      result.complete = true;
      break;
    }
  }
  result.executions = executions_;
  case_.reset();
  search = nullptr;
  return result;
}

// Outside of a search, and for the cases' constructors.
Thread& nobody() {
  static Thread thread;
  return thread;
}

}  // namespace

Result explore(Factory& factory, const Limits& limits) {
  auto running = std::make_unique<Search>(factory, limits);
  return running->run();
}

void require(bool condition, const char* what) {
  if (!condition) detail::fail(what);
}
void yield() { search->yield(); }

Thread& detail::step() { return search != nullptr ? search->step() : nobody(); }
Thread& detail::self() noexcept {
  return search != nullptr ? search->threads_[static_cast<std::size_t>(search->current_)]
                           : nobody();
}
int detail::self_index() noexcept { return search != nullptr ? search->current_ : 0; }
std::uint32_t detail::choose(std::uint32_t n) { return search != nullptr ? search->choose(n) : 0; }
void detail::log(const char* operation, const void* where, std::uint64_t value) {
  if (search != nullptr) search->log(operation, where, value);
}
void detail::fail(const std::string& what) {
  if (search != nullptr) search->fail(what);
  std::abort();
}
void detail::sleep(const void* word, bool timed) { search->sleep(word, timed); }
void detail::wake(const void* word, int count) { search->wake(word, count); }

}  // namespace heddle::models
