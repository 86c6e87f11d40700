#include "threading/exit.h"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <utility>
#include <vector>

#include "core/futex.h"
#include "core/kernel.h"
#include "threading/thread_core.h"
#include "threading/thread_end.h"
#include "threading/thread_number.h"

namespace heddle::threading {

using core::Kernel;

namespace {

// Guarded by process_lock().
std::vector<std::weak_ptr<ExitHook>>& hooks() {
  static auto* all = new std::vector<std::weak_ptr<ExitHook>>;
  return *all;
}

// The number of the thread that ends the program; 0 before.
constinit std::atomic<std::uint64_t> finisher{0};

[[noreturn]] void wait_for_the_end() noexcept {
  static constinit std::atomic<std::uint32_t> never{0};
  while (true) core::wait_while_equal(never, 0, time_max);
}

std::shared_ptr<ExitHook> next_hook() noexcept {
  std::lock_guard lock(process_lock());
  while (!hooks().empty()) {
    std::shared_ptr<ExitHook> hook = hooks().back().lock();
    hooks().pop_back();
    if (hook) return hook;
  }
  return nullptr;
}

void at_exit() {
  finish_threads();
  std::fflush(stdout);  // see finish_threads()
}
void at_end_of_main(void*) { finish_threads(); }

// exit() runs the destructors of the calling thread's thread_locals before any atexit handler and
// static destructor: the one place that is early enough however late a static was made. Threads of
// the library see to it in ThreadCore::end(); for others there is atexit().
struct Arm {
  Arm() {
    Registry::get();
    if (Kernel::gettid() == Kernel::getpid()) detail::at_thread_end(at_end_of_main, nullptr);
    std::atexit(at_exit);
  }
} arm;

}  // namespace

void arm_exit() noexcept {
  static constinit std::atomic<bool> armed{false};
  // relaxed: that it happens once is all.
  if (!armed.exchange(true, std::memory_order_relaxed)) std::atexit(at_exit);
}

void add_exit_hook(const std::shared_ptr<ExitHook>& hook) {
  std::lock_guard lock(process_lock());
  std::erase_if(hooks(), [](const auto& known) { return known.expired(); });
  hooks().push_back(hook);
}

ExitHooks exchange_exit_hooks(ExitHooks new_hooks) {
  std::lock_guard lock(process_lock());
  return std::exchange(hooks(), std::move(new_hooks));
}

void leave_behind(std::uint64_t ident) noexcept {
  for (const auto& core : Registry::get().alive()) {
    if (core->ident_.load() != ident) continue;
    core->daemon_.store(true);
    Registry::get().remove(*core);
  }
}

void forget_exit_hooks() noexcept { hooks().clear(); }

// acquire, as the store below is acq_rel: who sees the end sees what came before it.
bool is_finalizing() noexcept { return finisher.load(std::memory_order_acquire) != 0; }

void stop_if_program_ends() noexcept {
  std::uint64_t ending = finisher.load(std::memory_order_acquire);
  if (ending == 0 || ending == detail::this_thread_number()) return;
  ThreadCore* self = ThreadCore::known();
  if (self == nullptr || self->foreign_ || self == Registry::get().main().get()) wait_for_the_end();
}

void finish_threads() noexcept {
  std::uint64_t former = 0;
  std::uint64_t me = detail::this_thread_number();
  ThreadCore* self = ThreadCore::known();
  Registry& registry = Registry::get();
  std::shared_ptr<ThreadCore> main = registry.main();
  if (!finisher.compare_exchange_strong(former, me, std::memory_order_acq_rel)) {
    if (former == me) return;  // done by now
    // Whoever ends the program must not wait for this thread, which will never return.
    if (self != nullptr) self->finish_without_end();
    wait_for_the_end();
  }
  if (self != nullptr && self != main.get()) self->finish_without_end();
  while (auto hook = next_hook()) hook->at_exit();
  main->finish_without_end();
  while (auto thread = registry.next_to_join()) {
    try {
      thread->join(time_max);
    } catch (...) {
      std::abort();  // neither unstarted nor the current thread is ever in the registry
    }
  }
  // The C library writes its buffers without their locks at the very end. What is written before
  // cannot be written twice then, when a daemon thread prints at that moment.
  std::fflush(stdout);
}

}  // namespace heddle::threading
