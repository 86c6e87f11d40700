#include <algorithm>
#include <cstdlib>

#include "core/fork.h"
#include "core/kernel.h"
#include "threading/exit.h"
#include "threading/thread_core.h"

namespace heddle::threading {

using core::Kernel;

WaitQueue& process_lock() noexcept {
  static constinit WaitQueue lock;
  return lock;
}

namespace {

// Holds the lock while the process is copied, so that what it guards is whole in the child; there
// it belongs to the one thread that is left.
class AtFork final : public core::ForkHandler {
 public:
  void before() noexcept override { process_lock().lock(); }
  void after_in_parent() noexcept override { process_lock().unlock(); }
  void after_in_child() noexcept override {
    forget_exit_hooks();
    process_lock().unlock();
    Registry::get().become_single();
  }
};

}  // namespace

Registry& Registry::get() {
  static auto* registry = new Registry;  // daemon threads may use it while static destructors run
  return *registry;
}

Registry::Registry() : main_(std::make_shared<ThreadCore>("MainThread", false)) {
  if (Kernel::gettid() == Kernel::getpid()) {
    main_->become_current();
  } else {
    main_->native_id_.store(Kernel::getpid());
    main_->phase_.store(ThreadCore::running);
  }
  threads_.push_back(main_);
  static auto* at_fork = new AtFork;
  core::add_fork_handler(*at_fork);
}

bool Registry::add(std::shared_ptr<ThreadCore> thread) {
  std::lock_guard lock(process_lock());
  if (closed_) return false;
  threads_.push_back(std::move(thread));
  return true;
}

void Registry::remove(const ThreadCore& thread) noexcept {
  std::shared_ptr<ThreadCore> last;  // dies outside of the lock
  std::lock_guard lock(process_lock());
  auto found = std::find_if(threads_.begin(), threads_.end(),
                            [&](const auto& core) { return core.get() == &thread; });
  if (found == threads_.end()) return;
  last = std::move(*found);
  threads_.erase(found);
}

std::vector<std::shared_ptr<ThreadCore>> Registry::alive() const {
  std::lock_guard lock(process_lock());
  return threads_;
}

std::shared_ptr<ThreadCore> Registry::next_to_join() noexcept {
  std::lock_guard lock(process_lock());
  for (const auto& core : threads_) {
    if (!core->daemon_.load()) return core;
  }
  closed_ = true;
  return nullptr;
}

std::string Registry::next_name(const char* kind) {
  std::lock_guard lock(process_lock());
  std::uint64_t& count = kind[0] == 'D' ? dummies_named_ : threads_named_;
  return kind + std::to_string(++count);
}

std::shared_ptr<ThreadCore> Registry::main() const {
  std::lock_guard lock(process_lock());
  return main_;
}

void Registry::become_single() noexcept {
  ThreadCore* current = ThreadCore::known();
  std::shared_ptr<ThreadCore> self = current != nullptr ? current->shared_from_this() : main_;
  // The other threads were not copied. What they had on their stacks stays as it was.
  for (const auto& thread : threads_) {
    if (thread == self) continue;
    thread->subclass_.store(nullptr);
    thread->remains_.store(ThreadCore::none);
    thread->phase_.store(ThreadCore::finished);
  }
  main_ = self;
  threads_.resize(1);  // never grows: the caller or main is in it
  threads_[0] = self;
  self->become_current();
}

}  // namespace heddle::threading
