// add_signal_handler(): from the C handler to a callback of the loop.
#include <signal.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <thread>

#include <heddle/core/choose.h>

#include "asyncio/loop_core.h"
#include "core/kernel.h"

namespace heddle::asyncio {

namespace {

using core::Kernel;

constexpr int signals_end = 65;  // Linux numbers them 1 to 64

// Which loop is told of a signal. Written by the main thread, read by the C handler.
std::array<std::atomic<LoopCore*>, signals_end> told{};
// C handlers that run right now, on whatever thread: the loop must not go away under them.
std::atomic<int> in_handler{0};
// What to put back. The main thread only.
std::array<struct sigaction, signals_end> former{};

void on_signal(int signal) {
  in_handler.fetch_add(1);
  LoopCore* loop = told[static_cast<std::size_t>(signal)].load();
  if (loop != nullptr) loop->signal_from_handler(signal);
  in_handler.fetch_sub(1);
}

void require_valid(int signal) {
  if (signal < 1 || signal >= signals_end)
    throw ValueError("invalid signal number " + std::to_string(signal));
}

}  // namespace

void LoopCore::signal_from_handler(int signal) noexcept {
  signals_.fetch_or(std::uint64_t{1} << (signal - 1), std::memory_order_relaxed);
  called_.store(true, std::memory_order_release);
  poller_->wake();
}

void LoopCore::take_signals() {
  if (choose(4, "loop.signal_lands") != 0 && !ready_.empty()) {  // it lands one turn later
    called_.store(true, std::memory_order_relaxed);
    return;
  }
  std::uint64_t came = signals_.exchange(0, std::memory_order_relaxed);
  for (auto& [signal, handle] : on_signal_) {
    if ((came >> (signal - 1) & 1) != 0) push_handle(handle);
  }
}

void LoopCore::push_on_signal(int signal, Ref<detail::HandleCore> handle) {
  require_valid(signal);
  require_open();
  require_own_thread();
  if (Kernel::gettid() != Kernel::getpid()) {
    throw RuntimeError(
        "signal handlers only work in the main thread: run this loop there, or block the signal "
        "and wait for it in a thread");
  }
  handle->keep(true);
  for (auto& [number, present] : on_signal_) {
    if (number != signal) continue;
    std::exchange(present, std::move(handle))->cancel();
    return;
  }
  on_signal_.reserve(on_signal_.size() + 1);
  auto index = static_cast<std::size_t>(signal);
  if (told[index].load() != nullptr)
    throw RuntimeError("signal " + std::to_string(signal) + " is handled by another event loop");
  struct sigaction ours{};
  ours.sa_handler = on_signal;
  ours.sa_flags = SA_RESTART;
  told[index].store(this);
  if (Kernel::sigaction(signal, &ours, &former[index]) != 0) {
    told[index].store(nullptr);
    throw RuntimeError("sig " + std::to_string(signal) + " cannot be caught");
  }
  on_signal_.emplace_back(signal, std::move(handle));
}

bool LoopCore::drop_on_signal(int signal) noexcept {
  for (auto entry = on_signal_.begin(); entry != on_signal_.end(); ++entry) {
    if (entry->first != signal) continue;
    auto index = static_cast<std::size_t>(signal);
    Kernel::sigaction(signal, &former[index], nullptr);
    told[index].store(nullptr);
    while (in_handler.load() != 0) std::this_thread::yield();
    entry->second->cancel();
    on_signal_.erase(entry);
    return true;
  }
  return false;
}

void EventLoop::handle_signal(int signal, const Ref<detail::HandleCore>& handle) {
  core_->push_on_signal(signal, handle);
}

bool EventLoop::remove_signal_handler(int signal) {
  require_valid(signal);
  core_->require_own_thread();
  return core_->drop_on_signal(signal);
}

}  // namespace heddle::asyncio
