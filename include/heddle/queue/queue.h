// queue::Queue: items on their way between threads, first in, first out.
//
//     queue::Queue<Job> jobs(100);                    // at most 100: put() waits
//     jobs.put(job);                                  // one thread
//     Job job = jobs.get();  ...  jobs.task_done();   // another
//     jobs.join();                                    // until all are done
//
// Thread-safe. Items need only move. FIFO for the items; the threads that wait at one side go in no
// promised order, and one that comes may overtake one that waits.
//
// Nothing is lost: a call that throws, because of the queue or of an exception of the item's move,
// has put or taken nothing, and the item is where it was. Copies and conversions are made while the
// queue is free; an item's move, and the destructor of what is moved from, run inside it, and must
// not use this queue. Getters and putters do not hinder each other.
//
// A thread that finds nothing to do looks for up to 20 us (HEDDLE_SPIN_US) before it sleeps, and no
// longer does where that has been in vain. An idle queue costs nothing.
// Destroying it while a thread is in a call is undefined.
// Source: https://docs.python.org/3/library/queue.html#queue.Queue
//
// Differs from Python: next(), iteration, stop tokens and join() with a timeout are additions; the
// order in which waiting threads are served is the order of their coming there, nearly.
#pragma once

#include <heddle/queue/detail/basic_queue.h>
#include <heddle/queue/detail/items.h>

namespace heddle::queue {

template <class T>
class Queue : public detail::BasicQueue<T, detail::FifoItems<T>, detail::Locks::two> {
 public:
  using Queue::BasicQueue::BasicQueue;
};

}  // namespace heddle::queue
