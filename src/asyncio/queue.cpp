#include <heddle/asyncio/queue.h>

namespace heddle::asyncio::detail {

void QueueCore::throw_shut_down() { throw QueueShutDown(); }

void QueueCore::wake(bool getter) {
  if (getter) {
    if (size() > 0 || shut_down_) getters_.wake_one();
  } else {
    if (!is_full(size()) || shut_down_) putters_.wake_one();
  }
}

void QueueCore::task_done() {
  if (unfinished_ == 0) throw ValueError("task_done() called too many times");
  if (--unfinished_ == 0) joiners_.wake_all();
}

Coro<void> QueueCore::join() {
  while (unfinished_ > 0) co_await joiners_.wait();
}

void QueueCore::shut_down(bool immediate) {
  shut_down_ = true;
  if (immediate) {
    std::size_t dropped = size();
    drop_items();
    unfinished_ -= std::min(unfinished_, dropped);
    if (unfinished_ == 0) joiners_.wake_all();
  }
  getters_.wake_all();
  putters_.wake_all();
}

}  // namespace heddle::asyncio::detail
