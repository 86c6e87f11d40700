#include "asyncio/running_loops.h"

#include <signal.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <new>
#include <vector>

#include "asyncio/watchdog.h"
#include "core/fork.h"
#include "core/futex.h"
#include "core/kernel.h"
#include "threading/thread_core.h"

namespace heddle::asyncio::detail {

namespace {

using core::Kernel;

// Ignored unless a program asks for it, and harmless when it comes for another reason.
constexpr int look_signal = SIGURG;

struct Entry {
  LoopCore* loop;
  int thread;
};

struct Loops {
  std::recursive_mutex mutex;  // held while a loop is looked at, so that it cannot end
  std::vector<Entry> entries;
  bool handler_installed = false;
};

Loops& loops();

// The request that is under way; one at a time, under the mutex.
std::atomic<LoopCore*> looked_at{nullptr};
std::atomic<LoopSnapshot*> filled{nullptr};
std::atomic<std::uint32_t> answers{0};

// A child of fork() runs none of the loops: they go on in the parent.
class AtFork final : public core::ForkHandler {
 public:
  void before() noexcept override { loops().mutex.lock(); }
  void after_in_parent() noexcept override { loops().mutex.unlock(); }
  void after_in_child() noexcept override {
    ::new (&loops().mutex) std::recursive_mutex;  // who locked it has another number now
    loops().entries.clear();
    looked_at.store(nullptr);
    filled.store(nullptr);
    if (LoopCore* loop = std::exchange(heddle::detail::thread_state.loop, nullptr))
      loop->stop_in_child();
  }
};

Loops& loops() {
  static auto* loops = [] {
    // Its lock comes after this one, so it has to be registered before.
    threading::Registry::get();
    core::add_fork_handler(*new AtFork);
    return new Loops;  // loops may run while static destructors do
  }();
  return *loops;
}

void on_look(int) {
  int saved = errno;
  LoopCore* loop = heddle::detail::thread_state.loop;
  if (loop != nullptr && loop == looked_at.load()) {
    LoopSnapshot* snapshot = filled.exchange(nullptr);
    if (snapshot != nullptr) {
      Watchdog* watchdog = loop->watchdog();
      snapshot->take(*loop, watchdog != nullptr ? watchdog->step() : nullptr);
      answers.fetch_add(1);
      core::wake_all(answers);
    }
  }
  errno = saved;
}

bool install_handler(Loops& state) {
  if (state.handler_installed) return true;
  struct sigaction present{};
  if (Kernel::sigaction(look_signal, nullptr, &present) != 0) return false;
  if ((present.sa_flags & SA_SIGINFO) != 0 ||
      (present.sa_handler != SIG_DFL && present.sa_handler != SIG_IGN))
    return false;
  struct sigaction ours{};
  ours.sa_handler = on_look;
  ours.sa_flags = SA_RESTART;
  state.handler_installed = Kernel::sigaction(look_signal, &ours, nullptr) == 0;
  return state.handler_installed;
}

}  // namespace

void running_loops_add(LoopCore& loop) {
  std::lock_guard lock(loops().mutex);
  loops().entries.push_back({&loop, Kernel::gettid()});
}

void running_loops_remove(LoopCore& loop) noexcept {
  std::lock_guard lock(loops().mutex);
  std::erase_if(loops().entries, [&](const Entry& entry) { return entry.loop == &loop; });
}

bool snapshot_from_outside(LoopCore& loop, LoopSnapshot& snapshot) {
  Loops& state = loops();
  std::lock_guard lock(state.mutex);
  auto found = std::find_if(state.entries.begin(), state.entries.end(),
                            [&](const Entry& entry) { return entry.loop == &loop; });
  if (found == state.entries.end() || !install_handler(state)) return false;
  std::uint32_t before = answers.load();
  looked_at.store(&loop);
  filled.store(&snapshot);
  bool answered = Kernel::tgkill(Kernel::getpid(), found->thread, look_signal) == 0 &&
                  core::wait_while_equal(answers, before, core::deadline_after(1'000'000'000));
  // Taken back, or taken: then the handler is about to answer.
  if (!answered && filled.exchange(nullptr) == nullptr)
    answered = core::wait_while_equal(answers, before, time_max);
  looked_at.store(nullptr);
  return answered;
}

void for_each_running_loop(const std::function<void(LoopCore&, int)>& function) {
  std::lock_guard lock(loops().mutex);
  for (const Entry& entry : loops().entries) function(*entry.loop, entry.thread);
}

}  // namespace heddle::asyncio::detail
