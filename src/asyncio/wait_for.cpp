#include <heddle/asyncio/wait_for.h>

namespace heddle::asyncio::detail {

void AwaitLimit::begin(Nanoseconds delay) {
  enter_for(delay);
  task()->change_sees(1);
}

void AwaitLimit::release_task() noexcept {
  if (!task()) return;
  task()->change_sees(-1);
  task() = {};
}

bool AwaitLimit::met() noexcept {
  if (!task()) return true;
  if (!leave_in_time()) return false;
  release_task();
  return true;
}

void AwaitLimit::finish(const std::exception_ptr& failure) {
  bool ours = leave(failure);
  release_task();
  if (ours) throw TimeoutError();
  if (failure) std::rethrow_exception(failure);
}

Coro<void> cancel_and_wait(AnyFuture future) {
  SeesCancellation sees;
  Future<void> over;
  Future<void> watched(future.core());
  std::uint64_t id = watched.add_done_callback([over](const Future<void>&) mutable {
    if (!over.done()) over.set_result();
  });
  std::exception_ptr failure;
  try {
    future.cancel();
    co_await over;
  } catch (...) {
    failure = std::current_exception();
  }
  future.remove_done_callback(id);
  if (failure) std::rethrow_exception(failure);
}

}  // namespace heddle::asyncio::detail
