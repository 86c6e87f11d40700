#include <heddle/threading/thread.h>

#include <cxxabi.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "core/futex.h"
#include "core/kernel.h"
#include "threading/exit.h"
#include "threading/thread_core.h"
#include "threading/thread_end.h"
#include "threading/thread_reports.h"

namespace heddle::threading {

using core::Kernel;

namespace {

constinit thread_local ThreadCore* core_of_thread = nullptr;

// A foreign thread that asked for its handle leaves the registry when it ends.
void end_of_foreign_thread(void* argument) {
  auto* core = static_cast<std::shared_ptr<ThreadCore>*>(argument);
  (*core)->finish();
  core_of_thread = nullptr;
  delete core;
}

// For threads that do not say how much they need; 0: what the system gives.
constinit std::atomic<std::size_t> default_stack_bytes{0};

std::size_t checked_stack(std::size_t bytes) {
  constexpr std::size_t least = 32 * 1024;
  if (bytes != 0 && bytes < least) {
    throw ValueError("size not valid: " + std::to_string(bytes) +
                     " bytes; a stack has at least 32768, or 0 for the system's own");
  }
  return bytes;
}

// The system keeps 15 bytes of a name; whole characters of UTF-8 are cut off.
std::string name_for_system(const std::string& name) {
  std::size_t size = std::min<std::size_t>(name.size(), 15);
  while (size < name.size() && size > 0 && (name[size] & 0xC0) == 0x80) --size;
  return name.substr(0, size);
}

std::string name_of(ThreadOptions& options) {
  if (!options.name_.empty()) return std::move(options.name_);
  std::string name = Registry::get().next_name("Thread-");
  return options.target_name_.empty() ? name : name + " (" + options.target_name_ + ")";
}

}  // namespace

// Handles

Thread::Thread(ThreadOptions options) : Thread(std::move(options), std::unique_ptr<Target>()) {}

Thread::Thread(ThreadOptions options, std::unique_ptr<Target> target) {
  std::size_t stack = checked_stack(options.stack_bytes_);
  bool daemon = options.daemon_ ? *options.daemon_ : ThreadCore::current()->daemon_.load();
  core_ = std::make_shared<ThreadCore>(name_of(options), daemon);
  core_->target_ = std::move(target);
  core_->context_ = std::move(options.context_);
  core_->stack_bytes_ = stack;
}

Thread::Thread(OnlyTarget, ThreadOptions options, std::unique_ptr<Target> target)
    : Thread(std::move(options), std::move(target)) {
  core_->only_target_ = true;
}

Thread::~Thread() {
  if (!core_ || core_->subclass_.load(std::memory_order_acquire) != this) return;
  std::fprintf(stderr,
               "heddle: Thread '%s' of a subclass was destroyed while its run() is under way; "
               "join() it first\n",
               core_->name().c_str());
  std::abort();
}

void Thread::start() {
  bool runs_target = core_->only_target_ || typeid(*this) == typeid(Thread);
  core_->start(runs_target ? nullptr : this);
}
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

std::size_t stack_size() noexcept {
  return default_stack_bytes.load(std::memory_order_relaxed);  // a number, for itself
}

std::size_t stack_size(std::size_t bytes) {
  return default_stack_bytes.exchange(checked_stack(bytes), std::memory_order_relaxed);
}

// The thread itself

std::shared_ptr<ThreadCore> ThreadCore::current() {
  if (core_of_thread != nullptr) return core_of_thread->shared_from_this();
  if (Kernel::gettid() == Kernel::getpid()) {
    std::shared_ptr<ThreadCore> main = Registry::get().main();
    core_of_thread = main.get();
    return main;
  }
  auto dummy = std::make_unique<std::shared_ptr<ThreadCore>>(
      std::make_shared<ThreadCore>(Registry::get().next_name("Dummy-"), true));
  std::shared_ptr<ThreadCore> core = *dummy;
  core->foreign_ = true;
  Registry::get().add(core);
  core->become_current();
  detail::at_thread_end(end_of_foreign_thread, dummy.release());
  return core;
}

ThreadCore* ThreadCore::known() noexcept { return core_of_thread; }

ThreadCore::~ThreadCore() {
  if (remains_.load() == joinable) Kernel::thread_detach(handle_);
}

std::string ThreadCore::name() const {
  std::lock_guard lock(process_lock());
  return name_;
}

void ThreadCore::set_name(std::string name) {
  std::lock_guard lock(process_lock());
  name_.swap(name);
  tell_system_the_name();
}

// A name that the system does not take, or of a thread that is about to end, is no harm.
void ThreadCore::tell_system_the_name() const noexcept {
  // The handle is good while the thread has not been joined, which nobody does before it finished.
  if (phase_.load(std::memory_order_acquire) != running || handle_ == pthread_t{}) return;
  try {
    Kernel::thread_setname(handle_, name_for_system(name_).c_str());
  } catch (...) {  // out of memory
  }
}

void ThreadCore::become_current() noexcept {
  core_of_thread = this;
  handle_ = pthread_self();
  ident_.store(get_ident());
  native_id_.store(Kernel::gettid());
  phase_.store(running, std::memory_order_release);
  core::wake_all(phase_);
}

void ThreadCore::start(Thread* subclass) {
  std::uint32_t expected = unstarted;
  if (!phase_.compare_exchange_strong(expected, starting))
    throw RuntimeError("threads can only be started once");
  arm_exit();
  int error = 0;
  try {
    if (!Registry::get().add(shared_from_this())) {
      stop_if_program_ends();
      throw RuntimeError(
          "can't create new thread at interpreter shutdown: the end of the program "
          "has joined its threads already");
    }
    subclass_.store(subclass);
    error = create();
  } catch (...) {
    undo_start();
    throw;
  }
  if (error != 0) {
    undo_start();
    throw RuntimeError(
        "can't start new thread: " + std::string(std::generic_category().message(error)) +
        "; too many threads, or too little memory for their stacks");
  }
  core::wait_while_equal(phase_, starting, time_max);
}

// There is no thread, and it may be started again.
void ThreadCore::undo_start() noexcept {
  Registry::get().remove(*this);
  self_.reset();
  remains_.store(none);
  subclass_.store(nullptr);
  phase_.store(unstarted);
}

int ThreadCore::create() {
  std::string name = this->name();
  pthread_attr_t attributes;
  std::size_t stack = stack_bytes_ != 0 ? stack_bytes_ : stack_size();
  if (int error = pthread_attr_init(&attributes)) return error;
  int error = stack == 0 ? 0 : pthread_attr_setstacksize(&attributes, stack);
  if (error == 0) {
    self_ = shared_from_this();
    remains_.store(joinable);
    pthread_t handle{};  // the thread notes its own
    error = Kernel::thread_create(&handle, &attributes, &ThreadCore::entry, this, name.c_str());
  }
  pthread_attr_destroy(&attributes);
  return error;
}

void* ThreadCore::entry(void* argument) noexcept {
  auto* self = static_cast<ThreadCore*>(argument);
  detail::at_thread_end(end, self);  // first, so that it comes after all other thread_locals
  self->become_current();
  {
    std::lock_guard lock(process_lock());
    self->tell_system_the_name();
  }
  self->run_guarded();
  self->target_.reset();
  self->has_ended_ = true;
  self->finish();
  return nullptr;
}

// The thread_locals are gone. Either the thread is at its end, or it has called exit().
void ThreadCore::end(void* argument) noexcept {
  auto* self = static_cast<ThreadCore*>(argument);
  if (!self->has_ended_) return finish_threads();
  core_of_thread = nullptr;
  std::shared_ptr<ThreadCore> last = std::move(self->self_);
  self->end_waits();
}

void ThreadCore::run_guarded() noexcept {
  Thread handle(shared_from_this());
  std::shared_ptr<ThreadHooks> hooks = detail::call_started_hook(handle);
  try {
    Context::Entered entered(context_);
    Thread* subclass = subclass_.load();
    if (subclass != nullptr) {
      subclass->run();
    } else if (target_) {
      target_->call();
    }
  } catch (const abi::__forced_unwind&) {
    std::terminate();  // pthread_exit() would leave the registry with a thread that is gone
  } catch (...) {
    detail::report(handle, std::current_exception());
  }
  detail::call_ended_hook(hooks, handle);
}

void ThreadCore::finish() noexcept {
  subclass_.store(nullptr);
  Registry::get().remove(*this);
  // release: a joiner sees all that the thread did.
  phase_.store(finished, std::memory_order_release);
  core::wake_all(phase_);
}

void ThreadCore::end_waits() noexcept {
  // release: who sees it sees what the destructors did.
  if (locals_.exchange(gone, std::memory_order_release) == alive_watched) core::wake_all(locals_);
}

// False when the deadline comes first.
bool ThreadCore::wait_for_locals(Nanoseconds deadline) noexcept {
  std::uint32_t expected = alive_unwatched;
  locals_.compare_exchange_strong(expected, alive_watched, std::memory_order_relaxed);
  return core::wait_while_equal(locals_, alive_watched, deadline);
}

void ThreadCore::finish_without_end() noexcept {
  remains_.store(none);
  core::wake_all(remains_);
  end_waits();
  finish();
}

void ThreadCore::join(Nanoseconds limit) {
  Kernel::scheduling_point("thread.join");
  if (phase_.load() == unstarted) throw RuntimeError("cannot join thread before it is started");
  if (alive() && (core_of_thread == this || ident_.load() == get_ident())) {
    throw RuntimeError("cannot join current thread: it would wait for itself");
  }
  if (foreign_) throw RuntimeError("cannot join a dummy thread: it was not made here");
  Nanoseconds deadline = core::deadline_after(limit < 0 ? 0 : limit);
  for (std::uint32_t phase = phase_.load(); phase != finished; phase = phase_.load()) {
    if (!core::wait_while_equal(phase_, phase, deadline)) return;
  }
  // run() has returned: what is left are the destructors of its thread_locals. One joiner waits for
  // them, and the others for it.
  if (deadline != time_max && remains_.load() == joinable && !wait_for_locals(deadline)) return;
  std::uint32_t expected = joinable;
  bool joins = false;
  {
    std::lock_guard lock(process_lock());  // set_name() may be using the handle
    joins = remains_.compare_exchange_strong(expected, being_joined);
  }
  if (joins) {
    Kernel::thread_join(handle_);
    remains_.store(none, std::memory_order_release);
    core::wake_all(remains_);
  }
  core::wait_while_equal(remains_, being_joined, deadline);
  stop_if_program_ends();
}

}  // namespace heddle::threading
