// heddle::queue: queues between threads, as Python's queue.
//
//     queue::Queue<Job> jobs(100);            // at most 100: put() waits
//     threading::Thread worker([&] {
//       for (Job job : jobs) run(job);        // ends when the queue is shut down
//     });
//     worker.start();
//     jobs.put(job);
//     jobs.shutdown();
//     worker.join();
//
// Source: https://docs.python.org/3/library/queue.html
#pragma once

#include <heddle/queue/errors.h>
#include <heddle/queue/lifo_queue.h>
#include <heddle/queue/priority_queue.h>
#include <heddle/queue/queue.h>
#include <heddle/queue/simple_queue.h>
