#include <algorithm>
#include <cstdlib>

#include "core/kernel.h"
#include "threading/exit.h"
#include "threading/thread_core.h"

namespace heddle::threading {

using core::Kernel;

Registry& Registry::get() {
  static auto* registry = new Registry;  // daemon threads may use it while static destructors run
  return *registry;
}

Registry::Registry() : main_(std::make_shared<ThreadCore>("MainThread", false)) {
  main_->native_id_.store(Kernel::getpid());
  main_->phase_.store(ThreadCore::running);
  threads_.push_back(main_);
}

void Registry::add(std::shared_ptr<ThreadCore> thread) {
  std::lock_guard lock(mutex_);
  threads_.push_back(std::move(thread));
}

void Registry::remove(const ThreadCore& thread) noexcept {
  std::shared_ptr<ThreadCore> last;  // dies outside of the lock
  std::lock_guard lock(mutex_);
  auto found = std::find_if(threads_.begin(), threads_.end(),
                            [&](const auto& core) { return core.get() == &thread; });
  if (found == threads_.end()) return;
  last = std::move(*found);
  threads_.erase(found);
}

std::vector<std::shared_ptr<ThreadCore>> Registry::alive() const {
  std::lock_guard lock(mutex_);
  return threads_;
}

std::shared_ptr<ThreadCore> Registry::next_to_join() const {
  std::lock_guard lock(mutex_);
  for (const auto& core : threads_) {
    if (core != main_ && !core->daemon_.load() && core->ident_.load() != get_ident()) return core;
  }
  return nullptr;
}

std::string Registry::next_name(const char* kind) {
  std::lock_guard lock(mutex_);
  std::uint64_t& count = kind[0] == 'D' ? dummies_named_ : threads_named_;
  return kind + std::to_string(++count);
}

namespace {

struct Hooks {
  Lock mutex;
  std::vector<std::weak_ptr<ExitHook>> hooks;
  std::atomic<bool> finalizing{false};
};

Hooks& hooks() {
  static auto* all = new Hooks;
  return *all;
}

// exit() runs the destructors of the calling thread's thread_locals before any atexit handler and
// static destructor: the one place that is early enough however late a static was made.
struct MainThreadEnd {
  ~MainThreadEnd() { finish_threads(); }
  void touch() const noexcept {}
};

void at_exit_of_another_thread() { finish_threads(); }

struct Arm {
  Arm() {
    Registry::get();
    static thread_local MainThreadEnd end;
    if (Kernel::gettid() == Kernel::getpid()) {
      Registry::get().main()->ident_.store(get_ident());
      end.touch();
    }
    std::atexit(
        at_exit_of_another_thread);  // for exit() called by another thread than the main one
  }
} arm;

}  // namespace

void add_exit_hook(const std::shared_ptr<ExitHook>& hook) {
  std::lock_guard lock(hooks().mutex);
  std::erase_if(hooks().hooks, [](const auto& known) { return known.expired(); });
  hooks().hooks.push_back(hook);
}

ExitHooks exchange_exit_hooks(ExitHooks new_hooks) {
  std::lock_guard lock(hooks().mutex);
  return std::exchange(hooks().hooks, std::move(new_hooks));
}

void leave_behind(std::uint64_t ident) noexcept {
  for (const auto& core : Registry::get().alive()) {
    if (core->ident_.load() != ident) continue;
    core->daemon_.store(true);
    Registry::get().remove(*core);
  }
}

bool is_finalizing() noexcept { return hooks().finalizing.load(std::memory_order_acquire); }

void finish_threads() noexcept {
  if (hooks().finalizing.exchange(true)) return;
  while (true) {
    std::shared_ptr<ExitHook> hook;
    {
      std::lock_guard lock(hooks().mutex);
      if (hooks().hooks.empty()) break;
      hook = hooks().hooks.back().lock();
      hooks().hooks.pop_back();
    }
    if (hook) hook->at_exit();
  }
  Registry& registry = Registry::get();
  registry.main()->phase_.store(ThreadCore::finished);
  registry.remove(*registry.main());
  while (auto thread = registry.next_to_join()) {
    try {
      thread->join(time_max);
    } catch (...) {
      std::abort();  // neither unstarted nor the current thread is ever in the registry
    }
  }
}

}  // namespace heddle::threading
