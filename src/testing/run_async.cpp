#include <heddle/asyncio/run.h>
#include <heddle/testing/census.h>
#include <heddle/testing/choices.h>
#include <heddle/testing/run_async.h>
#include <heddle/testing/virtual_clock.h>
#include <heddle/threading/thread.h>

#include "asyncio/loop_core.h"
#include "testing/run_hooks.h"

namespace heddle::testing {

using asyncio::LoopCore;
using asyncio::TaskCore;

namespace {

// Every task of the loop with the line of each await it stands at.
std::string describe_waits(LoopCore& loop) {
  std::string text;
  for (auto* node = loop.tasks().first(); node != nullptr; node = loop.tasks().next(*node)) {
    auto& task = static_cast<TaskCore&>(*node);
    text += "\n  " + task.name() + " waits";
    const char* where = " in ";
    for (const std::string& line : task.await_chain()) {
      text += where + line;
      where = "\n      awaited by ";
    }
  }
  return text;
}

// Hashes what happens and finds the run that goes nowhere.
class Observer final : public asyncio::LoopObserver {
 public:
  Observer(std::uint64_t steps_max, RunHooks* hooks) noexcept
      : steps_max_(steps_max), hooks_(hooks) {}

  void io(std::uint32_t ready) noexcept override {
    mix('i');
    mix(ready);
  }
  void step(std::uint64_t id) override {
    mix('s');
    mix(id);
    if (++steps_ > steps_max_) {
      throw RuntimeError("the run does not end: more than " + std::to_string(steps_max_) +
                         " steps");
    }
    if (hooks_ != nullptr) hooks_->before_step();
  }
  bool stuck(LoopCore& loop) override {
    // A thread of this library may still post to the loop; a pool thread that waits for work is not
    // told apart, and then the test's time limit decides.
    if (threading::active_count() > 1 && !deadlocked_) return false;
    std::string waits = describe_waits(loop);
    bool first = !std::exchange(deadlocked_, true);
    throw DeadlockError(
        (first
             ? "nothing left to run: no task is ready, no timer is set, nothing outside is awaited"
             : "the tasks that were cancelled after a deadlock wait again") +
        waits);
  }
  std::uint64_t hash() const noexcept { return hash_; }
  std::uint64_t steps() const noexcept { return steps_; }

 private:
  void mix(std::uint64_t value) noexcept {
    hash_ = (hash_ ^ value) * 0x100000001b3;
  }  // FNV-1a by words

  std::uint64_t hash_ = 0xcbf29ce484222325;
  std::uint64_t steps_ = 0;
  std::uint64_t steps_max_;
  RunHooks* hooks_;
  bool deadlocked_ = false;
};

class PlainBody final : public Body {
 public:
  explicit PlainBody(asyncio::Coro<void> (*function)()) : function_(function) {}
  asyncio::Coro<void> run() override { return function_(); }

 private:
  asyncio::Coro<void> (*function_)();
};

void require_tidy(LoopCore& loop) {
  std::string left;
  if (loop.timer_count() > 0) left += " " + std::to_string(loop.timer_count()) + " timers";
  if (loop.watch_count() > 0)
    left += " " + std::to_string(loop.watch_count()) + " watched descriptors";
  if (!left.empty()) throw CensusError("the run left behind:" + left);
}

}  // namespace

RunResult run_with_hooks(Body& body, const RunOptions& options, Choices& choices, RunHooks* hooks) {
  ScopedChoices installed(choices);
  VirtualClock clock(options.start);
  Observer observer(options.steps_max, hooks);
  asyncio::Runner runner(asyncio::RunnerOptions().clock(clock));
  asyncio::EventLoop loop = runner.get_loop();
  loop.core().set_observer(&observer);
  // Whatever ends the run, the loop must not look at the observer after it.
  struct Unobserved {
    LoopCore& core;
    ~Unobserved() { core.set_observer(nullptr); }
  };
  std::exception_ptr failure;
  {
    Unobserved at_end{loop.core()};
    try {
      if (hooks != nullptr) hooks->begins(loop);
      {
        asyncio::Coro<void> main = body.run();
        runner.run(std::move(main));
      }
      if (hooks != nullptr) hooks->body_ended(loop);
      if (options.census && loop.core().tasks().empty()) require_tidy(loop.core());
      runner.close();
    } catch (...) {
      failure = std::current_exception();
      if (hooks != nullptr) hooks->failed(observer.steps(), clock.now());
      if (hooks != nullptr) hooks->body_ended(loop);
    }
    if (failure) {
      try {
        runner.close();
      } catch (...) {
        // A second error on the way out: the first one says what happened.
      }
      if (!loop.is_closed()) loop.close();
      std::rethrow_exception(failure);
    }
  }
  return {observer.hash(), observer.steps(), clock.now(), choices.choices()};
}

RunResult run_async(Body& body, const RunOptions& options) {
  Census before = options.census ? Census::take() : Census();
  RunResult result;
  {
    Choices choices = options.replay != nullptr ? Choices(*options.replay) : Choices(options.seed);
    result = run_with_hooks(body, options, choices, nullptr);
  }
  if (options.census) {
    std::string difference = Census::take().difference(before);
    if (!difference.empty()) throw CensusError("the run left behind: " + difference);
  }
  return result;
}

RunResult run_async(asyncio::Coro<void> (*body)(), const RunOptions& options) {
  PlainBody plain(body);
  return run_async(static_cast<Body&>(plain), options);
}

asyncio::WaitList::Awaiter wait_until_idle() {
  return asyncio::get_running_loop().core().idle_waiters().wait();
}

void block_for(Nanoseconds time) {
  static_cast<VirtualClock&>(asyncio::get_running_loop().core().clock()).advance(time);
}

}  // namespace heddle::testing
