// queue::PriorityQueue: the smallest item comes out first.
//
//     queue::PriorityQueue<std::pair<int, Job>> jobs;   // by number, then by Job
//     queue::PriorityQueue<Job, ByDeadline> urgent;     // ByDeadline()(a, b): a goes before b
//
// Not stable, as in Python: items that compare equal come out in any order. To have them in the
// order of their coming, put a counter into the comparison, as the example of Python's heapq does.
//
// In everything but the order as Queue (queue.h). The comparisons run inside the queue, which is
// why they must not use it; one that throws changes nothing: put() leaves the item with its caller,
// get() leaves all of them inside. Both sides take turns here.
// Source: https://docs.python.org/3/library/queue.html#queue.PriorityQueue
//
// Differs from Python: the order may be given as a type, Compare.
#pragma once

#include <heddle/queue/detail/basic_queue.h>
#include <heddle/queue/detail/items.h>

#include <utility>

namespace heddle::queue {

// Orders by operator<.
struct Less {
  template <class T>
  bool operator()(const T& a, const T& b) const {
    return a < b;
  }
};

template <class T, class Compare = Less>
class PriorityQueue
    : public detail::BasicQueue<T, detail::PriorityItems<T, Compare>, detail::Locks::one> {
  using Items = detail::PriorityItems<T, Compare>;

 public:
  // maxsize: how many items it holds at most; zero or less: no bound.
  explicit PriorityQueue(std::ptrdiff_t maxsize = 0, Compare compare = Compare())
      : PriorityQueue::BasicQueue(maxsize, Items(std::move(compare))) {}
};

}  // namespace heddle::queue
