#include <heddle/asyncio/capacity_limiter.h>

#include <heddle/asyncio/task.h>

#include <algorithm>

namespace heddle::asyncio {

namespace {

std::size_t checked(std::ptrdiff_t total_tokens) {
  if (total_tokens < 1) throw ValueError("total_tokens must be >= 1");
  return static_cast<std::size_t>(total_tokens);
}

}  // namespace

// Waits for a token; one that was granted to a task which is cancelled goes to the next.
class CapacityLimiter::Turn final : public WaitList::Awaiter {
 public:
  explicit Turn(CapacityLimiter& limiter) noexcept
      : Awaiter(limiter.waiters_, nullptr), limiter_(limiter) {}
  Turn(Turn&& other) noexcept : Awaiter(std::move(other)), limiter_(other.limiter_) {}
  ~Turn() override {
    if (counted_) --limiter_.waiting_;
  }
  template <class P>
  bool await_suspend(std::coroutine_handle<P> handle) noexcept {
    counted_ = true;
    ++limiter_.waiting_;
    return enlist(handle.promise());
  }
  void await_resume() {
    Awaiter::await_resume();
    --limiter_.woken_;
  }

 private:
  void hand_on() noexcept override {
    --limiter_.woken_;
    limiter_.wake_next();
  }
  CapacityLimiter& limiter_;
  bool counted_ = false;
};

CapacityLimiter::CapacityLimiter(std::ptrdiff_t total_tokens) : total_(checked(total_tokens)) {}

void CapacityLimiter::set_total_tokens(std::ptrdiff_t total_tokens) {
  total_ = checked(total_tokens);
  wake_next();
}

CapacityLimiter::Statistics CapacityLimiter::statistics() const {
  Statistics statistics;
  statistics.borrowed_tokens = owners_.size();
  statistics.total_tokens = total_;
  statistics.borrowers = owners_;
  statistics.tasks_waiting = waiting_;
  return statistics;
}

std::string CapacityLimiter::task_name() {
  AnyTask task = current_task();
  if (!task) throw RuntimeError("a CapacityLimiter outside of a task needs the name of the owner");
  return task.get_name();
}

bool CapacityLimiter::borrows(const std::string& owner) const noexcept {
  return std::find(owners_.begin(), owners_.end(), owner) != owners_.end();
}

void CapacityLimiter::require_new(const std::string& owner) const {
  if (!borrows(owner)) return;
  throw RuntimeError("this borrower is already holding one of this CapacityLimiter's tokens: " +
                     owner);
}

void CapacityLimiter::acquire_nowait(std::string owner) {
  require_new(owner);
  if (!may_take()) throw WouldBlock();
  owners_.push_back(std::move(owner));
}

Coro<void> CapacityLimiter::acquire(std::string owner) {
  require_new(owner);
  if (!may_take()) co_await Turn(*this);
  if (borrows(owner)) {  // another task took one in this name meanwhile
    wake_next();
    require_new(owner);
  }
  try {
    owners_.push_back(std::move(owner));
  } catch (...) {
    wake_next();  // it cannot use the token it was woken for
    throw;
  }
}

Coro<CapacityLimiter::Token> CapacityLimiter::hold(std::string owner) {
  co_await acquire(owner);
  co_return Token(*this, std::move(owner));
}

void CapacityLimiter::release(const std::string& owner) {
  auto found = std::find(owners_.begin(), owners_.end(), owner);
  if (found == owners_.end()) {
    throw RuntimeError("this borrower isn't holding any of this CapacityLimiter's tokens: " +
                       owner);
  }
  owners_.erase(found);
  wake_next();
}

void CapacityLimiter::wake_next() {
  while (woken_ + owners_.size() < total_ && waiters_.wake_one()) ++woken_;
}

Coro<bool> CapacityLimiter::aexit(std::exception_ptr) {
  release();
  co_return false;
}

}  // namespace heddle::asyncio
