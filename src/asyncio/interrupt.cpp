#include "asyncio/interrupt.h"

#include <heddle/core/error.h>

#include <atomic>
#include <thread>

#include "core/kernel.h"

namespace heddle::asyncio::detail {

namespace {

using core::Kernel;

// The loop that the handler tells. Only the main thread installs one, so there is at most one.
std::atomic<LoopCore*> interrupted_loop{nullptr};
// Handlers that run right now, on whatever thread: the loop must not go away under them.
std::atomic<int> in_handler{0};
// Signals that the loop has not looked at yet.
std::atomic<int> unseen{0};

void on_interrupt(int signal) {
  if (unseen.fetch_add(1, std::memory_order_relaxed) >= 2) {
    // The loop is stuck in a callback and two requests wait already: the user wants out.
    struct sigaction plain{};
    plain.sa_handler = SIG_DFL;
    Kernel::sigaction(signal, &plain, nullptr);
    Kernel::kill(Kernel::getpid(), signal);
    return;
  }
  in_handler.fetch_add(1);
  LoopCore* loop = interrupted_loop.load();
  if (loop != nullptr) loop->interrupt_from_signal();
  in_handler.fetch_sub(1);
}

}  // namespace

InterruptGuard::InterruptGuard(LoopCore& loop, TaskCore& main_task)
    : loop_(loop), main_task_(main_task) {
  if (Kernel::gettid() != Kernel::getpid()) return;
  if (Kernel::sigaction(SIGINT, nullptr, &former_) != 0) return;
  if ((former_.sa_flags & SA_SIGINFO) != 0 || former_.sa_handler != SIG_DFL)
    return;  // the program has its own way
  unseen.store(0, std::memory_order_relaxed);
  loop_.set_interrupt_handler(this);
  interrupted_loop.store(&loop_, std::memory_order_release);
  struct sigaction ours{};
  ours.sa_handler = on_interrupt;
  ours.sa_flags = SA_RESTART;
  installed_ = Kernel::sigaction(SIGINT, &ours, nullptr) == 0;
}

InterruptGuard::~InterruptGuard() {
  loop_.set_interrupt_handler(nullptr);
  if (!installed_) return;
  Kernel::sigaction(SIGINT, &former_, nullptr);
  interrupted_loop.store(nullptr);
  while (in_handler.load() != 0) std::this_thread::yield();
}

void InterruptGuard::interrupted() {
  int requests = unseen.exchange(0, std::memory_order_relaxed);
  while (requests-- > 0) {
    ++count_;
    if (count_ > 1 || main_task_.done()) throw KeyboardInterrupt();
    main_task_.cancel({});
  }
}

}  // namespace heddle::asyncio::detail
