#include <heddle/asyncio/wait.h>

#include <vector>

#include "asyncio/loop_core.h"

namespace heddle::asyncio::detail {

namespace {

// What the watchers of one wait() share.
struct Watch {
  explicit Watch(ReturnWhen when) : return_when(when) {}
  void counted(FutureCore& future) {
    --unfinished;
    bool enough = unfinished == 0 || return_when == FIRST_COMPLETED ||
                  (return_when == FIRST_EXCEPTION && future.failed());
    if (enough && !over.done()) over.set_result();
  }

  ReturnWhen return_when;
  std::size_t unfinished = 0;
  Future<void> over;
  TaskCore* task = heddle::detail::thread_state.task;
};

// Watches one future; through the ready queue, as every callback of a future.
class Watcher final : public DoneWaiter, public ReadyNode {
 public:
  void start(Watch& watch, FutureCore& future) {
    watch_ = &watch;
    future_ = &future;
    future.add_waiter(*this);
  }
  void done(FutureCore& finished) noexcept override { finished.loop().push(*this); }
  FutureCore* waiter() const noexcept override { return watch_->task; }
  void run() override { watch_->counted(*future_); }

 private:
  Watch* watch_ = nullptr;
  FutureCore* future_ = nullptr;
};

bool enough_now(const std::vector<AnyFuture>& futures, ReturnWhen return_when) {
  bool all = true;
  for (const AnyFuture& future : futures) {
    if (!future.done()) {
      all = false;
    } else if (return_when == FIRST_COMPLETED ||
               (return_when == FIRST_EXCEPTION && future.core()->failed())) {
      return true;
    }
  }
  return all;
}

}  // namespace

void keep_distinct(std::vector<AnyFuture>& futures) {
  LoopCore& loop = running_loop_core();
  for (const AnyFuture& future : futures) {
    if (&future.core()->loop() != &loop)
      throw ValueError("The future belongs to a different loop: " + future.core()->describe());
  }
  std::erase_if(futures, [](const AnyFuture& future) {
    bool repeated = future.core()->marked();
    future.core()->mark();
    return repeated;
  });
  for (const AnyFuture& future : futures) future.core()->unmark();
}

Coro<void> watch(std::vector<AnyFuture>& futures, WaitOptions options) {
  SeesCancellation sees;
  if (futures.empty()) throw ValueError("Set of Tasks/Futures is empty.");
  keep_distinct(futures);
  if (enough_now(futures, options.return_when)) co_return;
  Watch watch(options.return_when);
  std::vector<Watcher> watchers(futures.size());
  for (std::size_t i = 0; i < futures.size(); ++i) {
    if (!futures[i].done()) ++watch.unfinished;
  }
  for (std::size_t i = 0; i < futures.size(); ++i) {
    if (!futures[i].done()) watchers[i].start(watch, *futures[i].core());
  }
  TimerHandle alarm;
  if (options.timeout) {
    alarm = get_running_loop().call_later(*options.timeout, [&watch] {
      if (!watch.over.done()) watch.over.set_result();
    });
  }
  std::exception_ptr failure;
  try {
    co_await watch.over;
  } catch (...) {
    failure = std::current_exception();
  }
  alarm.cancel();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace heddle::asyncio::detail
