// queue::LifoQueue: the last item in comes out first.
//
//     queue::LifoQueue<int> stack;
//     stack.put(1);
//     stack.put(2);
//     stack.get();  // 2
//
// In everything but the order as Queue (queue.h): thread-safe, bounded or not, and nothing is lost.
// Both sides take turns here. Source: https://docs.python.org/3/library/queue.html#queue.LifoQueue
#pragma once

#include <heddle/queue/detail/basic_queue.h>
#include <heddle/queue/detail/items.h>

namespace heddle::queue {

template <class T>
class LifoQueue : public detail::BasicQueue<T, detail::LifoItems<T>, detail::Locks::one> {
 public:
  using LifoQueue::BasicQueue::BasicQueue;
};

}  // namespace heddle::queue
