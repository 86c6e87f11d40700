// heddle::threading: threads with Python's life cycle, as Python's threading.
// Source: https://docs.python.org/3/library/threading.html
#pragma once

#include <heddle/threading/barrier.h>
#include <heddle/threading/concurrent_tee.h>
#include <heddle/threading/condition.h>
#include <heddle/threading/event.h>
#include <heddle/threading/excepthook.h>
#include <heddle/threading/local.h>
#include <heddle/threading/lock.h>
#include <heddle/threading/lock_guard.h>
#include <heddle/threading/rlock.h>
#include <heddle/threading/run_main.h>
#include <heddle/threading/semaphore.h>
#include <heddle/threading/serialize_iterator.h>
#include <heddle/threading/tee_places.h>
#include <heddle/threading/thread.h>
#include <heddle/threading/thread_hooks.h>
#include <heddle/threading/timer.h>
#include <heddle/threading/wait_queue.h>

namespace heddle::threading {

// Python's name for what wrong use of a lock throws.
using ThreadError = RuntimeError;

}  // namespace heddle::threading
