// What a worker of a thread pool does while it waits for work of its own pool: that work.
//
// A pool whose workers all wait for queued work of the same pool would stand still for ever. So a
// worker does the very work that it waits for, on its own stack, if that is queued and has not
// begun. It never takes up other work: that could want a lock which the waiting work holds.
#pragma once

#include <heddle/futures/future_core.h>

namespace heddle::futures {

// How many works may lie on each other on one stack; beyond that a worker waits as everybody does.
inline constexpr unsigned helping_depth_max = 128;

// The pool whose worker the calling thread is, or null.
void set_pool_of_thread(const void* pool) noexcept;
const void* pool_of_thread() noexcept;

// Does the work of `future` here if this thread may. True when it is done now.
bool help(FutureCore& future) noexcept;

}  // namespace heddle::futures
