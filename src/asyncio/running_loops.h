// The loops that run in this process, and how a thread outside looks into one.
#pragma once

#include <functional>

#include "asyncio/loop_snapshot.h"

namespace heddle::asyncio::detail {

// Called by the loop's thread as a run begins and ends.
void running_loops_add(LoopCore& loop);
void running_loops_remove(LoopCore& loop) noexcept;

// Interrupts the thread of a running loop for as long as a snapshot takes; from any other thread,
// whatever the loop does. False when the loop does not run, when the program uses SIGURG itself, or
// when the thread does not answer within a second: it blocks signals.
bool snapshot_from_outside(LoopCore& loop, LoopSnapshot& snapshot);

// Calls function(loop, its thread's kernel id) for each loop that runs; none of them ends
// meanwhile.
void for_each_running_loop(const std::function<void(LoopCore&, int)>& function);

}  // namespace heddle::asyncio::detail
