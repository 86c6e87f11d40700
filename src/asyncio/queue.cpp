#include <heddle/asyncio/queue.h>

#include <algorithm>

namespace heddle::asyncio::detail {

void QueueCore::throw_shut_down() { throw QueueShutDown(); }

void QueueCore::wake(bool getter) {
  if (getter) {
    if (!empty() || shut_down_) getters_.wake_one();
  } else {
    if (!full() || shut_down_) putters_.wake_one();
  }
}

void QueueCore::added_otherwise() {
  count_added();
  getters_.wake_one();
  look_who_waits();
}

void QueueCore::removed_otherwise() {
  --size_;
  putters_.wake_one();
  look_who_waits();
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
  plain_puts_below_ = 0;
  if (immediate) {
    drop_items();
    unfinished_ -= std::min(unfinished_, std::exchange(size_, 0));
    if (unfinished_ == 0) joiners_.wake_all();
  }
  getters_.wake_all();
  putters_.wake_all();
  look_who_waits();
}

}  // namespace heddle::asyncio::detail
