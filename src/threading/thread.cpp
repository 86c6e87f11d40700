#include <heddle/core/context_var.h>
#include <heddle/threading/thread.h>

#include <cxxabi.h>

#include <cstdio>
#include <cstdlib>

#include "core/futex.h"
#include "core/kernel.h"
#include "threading/exit.h"
#include "threading/thread_core.h"

namespace heddle::threading {

using core::Kernel;

namespace {

constinit thread_local ThreadCore* core_of_thread = nullptr;

// A foreign thread that asked for its handle leaves the registry when it ends.
struct DummyEnd {
  std::shared_ptr<ThreadCore> core;
  ~DummyEnd() {
    if (!core) return;
    core->finish();
    core_of_thread = nullptr;
  }
};

constinit Lock hook_lock;
std::shared_ptr<ExceptHook>& hook() {
  static auto* installed = new std::shared_ptr<ExceptHook>;
  return *installed;
}

}  // namespace

// Handles

Thread::Thread(ThreadOptions options) : Thread(std::move(options), std::unique_ptr<Target>()) {}

Thread::Thread(ThreadOptions options, std::unique_ptr<Target> target) {
  std::string name =
      options.name_.empty() ? Registry::get().next_name("Thread-") : std::move(options.name_);
  bool daemon = options.daemon_ ? *options.daemon_ : ThreadCore::current()->daemon_.load();
  core_ = std::make_shared<ThreadCore>(std::move(name), daemon);
  core_->target_ = std::move(target);
}

Thread::~Thread() {
  if (!core_ || core_->subclass_.load(std::memory_order_acquire) != this) return;
  std::fprintf(stderr,
               "heddle: Thread '%s' of a subclass was destroyed while its run() is under way; "
               "join() it first\n",
               core_->name().c_str());
  std::abort();
}

void Thread::start() { core_->start(typeid(*this) == typeid(Thread) ? nullptr : this); }
void Thread::join_until(Nanoseconds limit) { core_->join(limit); }
bool Thread::is_alive() const noexcept { return core_->alive(); }
std::string Thread::name() const { return core_->name(); }
void Thread::set_name(std::string name) { core_->set_name(std::move(name)); }
bool Thread::daemon() const noexcept { return core_->daemon_.load(); }

std::optional<std::uint64_t> Thread::ident() const noexcept {
  std::uint64_t ident = core_->ident_.load();
  return ident == 0 ? std::nullopt : std::optional(ident);
}

std::optional<int> Thread::native_id() const noexcept {
  int id = core_->native_id_.load();
  return id == 0 ? std::nullopt : std::optional(id);
}

void Thread::set_daemon(bool daemon) {
  if (core_->phase_.load() != ThreadCore::unstarted) {
    throw RuntimeError("cannot set daemon status of active thread: set it before start()");
  }
  core_->daemon_.store(daemon);
}

void Thread::run() {
  if (core_->target_) core_->target_->call();
}

Thread current_thread() { return Thread(ThreadCore::current()); }
Thread main_thread() { return Thread(Registry::get().main()); }
std::uint64_t get_ident() noexcept { return reinterpret_cast<std::uint64_t>(pthread_self()); }
int get_native_id() noexcept { return Kernel::gettid(); }

std::vector<Thread> enumerate() {
  std::vector<Thread> threads;
  for (auto& core : Registry::get().alive()) threads.push_back(Thread(std::move(core)));
  return threads;
}

std::size_t active_count() { return Registry::get().alive().size(); }

void install_excepthook(std::shared_ptr<ExceptHook> new_hook) {
  std::lock_guard lock(hook_lock);
  hook() = std::move(new_hook);
}

void default_excepthook(const ExceptHookArgs& args) noexcept {
  try {
    try {
      std::rethrow_exception(args.exception);
    } catch (const SystemExit&) {
      return;
    } catch (...) {
      std::string text =
          "Exception in thread " + args.thread.name() + ":\n  " + describe(args.exception) + "\n";
      std::fputs(text.c_str(), stderr);
    }
  } catch (...) {
    std::fputs("an exception of a thread could not be reported: out of memory\n", stderr);
  }
}

// The thread itself

std::shared_ptr<ThreadCore> ThreadCore::current() {
  if (core_of_thread != nullptr) return core_of_thread->shared_from_this();
  if (Kernel::gettid() == Kernel::getpid()) {
    core_of_thread = Registry::get().main().get();
    return core_of_thread->shared_from_this();
  }
  static thread_local DummyEnd dummy;
  dummy.core = std::make_shared<ThreadCore>(Registry::get().next_name("Dummy-"), true);
  dummy.core->foreign_ = true;
  dummy.core->become_current(running);
  Registry::get().add(dummy.core);
  return dummy.core;
}

ThreadCore::~ThreadCore() {
  if (has_handle_ && !joined_) Kernel::thread_detach(handle_);
}

std::string ThreadCore::name() const {
  std::lock_guard lock(mutex_);
  return name_;
}

void ThreadCore::set_name(std::string name) {
  std::lock_guard lock(mutex_);
  name_ = std::move(name);
}

void ThreadCore::become_current(Phase phase) {
  core_of_thread = this;
  ident_.store(get_ident());
  native_id_.store(Kernel::gettid());
  // release: whoever sees the phase sees the ids.
  phase_.store(phase, std::memory_order_release);
  core::wake_all(phase_);
}

void ThreadCore::start(Thread* subclass) {
  std::uint32_t expected = unstarted;
  if (!phase_.compare_exchange_strong(expected, starting))
    throw RuntimeError("threads can only be started once");
  if (is_finalizing() && daemon_) {
    phase_.store(unstarted);
    throw RuntimeError("can't create new thread at interpreter shutdown");
  }
  subclass_.store(subclass, std::memory_order_release);
  Registry::get().add(shared_from_this());
  auto* self = new std::shared_ptr<ThreadCore>(shared_from_this());
  int error = 0;
  {
    std::lock_guard lock(mutex_);
    error = Kernel::thread_create(&handle_, nullptr, &ThreadCore::entry, self, name_.c_str());
    has_handle_ = error == 0;
  }
  if (error != 0) {
    delete self;
    Registry::get().remove(*this);
    subclass_.store(nullptr);
    phase_.store(unstarted);
    throw RuntimeError(
        "can't start new thread: " + std::string(std::generic_category().message(error)) +
        "; too many threads, or too little memory for their stacks");
  }
  core::wait_while_equal(phase_, starting, time_max);
}

void* ThreadCore::entry(void* argument) noexcept {
  auto* owner = static_cast<std::shared_ptr<ThreadCore>*>(argument);
  std::shared_ptr<ThreadCore> self = std::move(*owner);
  delete owner;
  self->become_current(running);
  self->run_guarded();
  self->target_.reset();
  self->finish();
  return nullptr;
}

void ThreadCore::run_guarded() noexcept {
  try {
    Thread* subclass = subclass_.load(std::memory_order_acquire);
    if (subclass != nullptr) {
      subclass->run();
    } else if (target_) {
      target_->call();
    }
  } catch (const abi::__forced_unwind&) {
    std::terminate();  // pthread_exit() would leave the registry with a thread that is gone
  } catch (...) {
    report(std::current_exception());
  }
}

void ThreadCore::report(std::exception_ptr exception) noexcept {
  std::shared_ptr<ExceptHook> installed;
  {
    std::lock_guard lock(hook_lock);
    installed = hook();
  }
  ExceptHookArgs args{std::move(exception), Thread(shared_from_this())};
  if (!installed) return default_excepthook(args);
  try {
    installed->call(args);
  } catch (...) {
    std::fputs("Exception in threading.excepthook:\n", stderr);
    default_excepthook({std::current_exception(), args.thread});
    default_excepthook(args);
  }
}

void ThreadCore::finish() noexcept {
  subclass_.store(nullptr, std::memory_order_release);
  Registry::get().remove(*this);
  // release: a joiner sees all that the thread did.
  phase_.store(finished, std::memory_order_release);
  core::wake_all(phase_);
}

void ThreadCore::join(Nanoseconds limit) {
  if (phase_.load() == unstarted) throw RuntimeError("cannot join thread before it is started");
  if (core_of_thread == this || ident_.load() == get_ident()) {
    if (alive()) throw RuntimeError("cannot join current thread: it would wait for itself");
  }
  if (foreign_) throw RuntimeError("cannot join a dummy thread: it was not made here");
  Nanoseconds deadline = core::deadline_after(limit < 0 ? 0 : limit);
  for (std::uint32_t phase = phase_.load(); phase != finished; phase = phase_.load()) {
    if (!core::wait_while_equal(phase_, phase, deadline)) return;
  }
  std::lock_guard lock(mutex_);
  if (!has_handle_ || std::exchange(joined_, true)) return;
  // run() has returned: what is left are the destructors of its thread_locals.
  Kernel::thread_join(handle_);
}

}  // namespace heddle::threading
