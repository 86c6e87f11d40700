#include <heddle/asyncio/exit_stack.h>

namespace heddle::asyncio {

Coro<bool> AsyncExitStack::aexit(std::exception_ptr failure) {
  detail::SeesCancellation sees;
  bool given = failure != nullptr;
  std::exception_ptr pending = failure;
  while (!exits_.empty()) {
    std::unique_ptr<Exit> exit = std::move(exits_.back());
    exits_.pop_back();
    try {
      bool handled = co_await exit->leave(pending);
      if (handled) pending = nullptr;
    } catch (...) {
      pending = std::current_exception();
    }
  }
  if (pending && pending != failure) std::rethrow_exception(pending);
  co_return given && !pending;
}

Coro<void> AsyncExitStack::aclose() { co_await aexit(nullptr); }

}  // namespace heddle::asyncio
