// heddle::asyncio: tasks, timers and callbacks on one thread, as Python's asyncio.
// Source: https://docs.python.org/3/library/asyncio.html
#pragma once

#include <heddle/asyncio/as_completed.h>
#include <heddle/asyncio/async_generator.h>
#include <heddle/asyncio/async_iterator.h>
#include <heddle/asyncio/barrier.h>
#include <heddle/asyncio/call_graph.h>
#include <heddle/asyncio/cancel_scope.h>
#include <heddle/asyncio/capacity_limiter.h>
#include <heddle/asyncio/channel.h>
#include <heddle/asyncio/condition.h>
#include <heddle/asyncio/coroutine.h>
#include <heddle/asyncio/event.h>
#include <heddle/asyncio/event_loop.h>
#include <heddle/asyncio/exit_stack.h>
#include <heddle/asyncio/future.h>
#include <heddle/asyncio/gather.h>
#include <heddle/asyncio/handle.h>
#include <heddle/asyncio/lock.h>
#include <heddle/asyncio/queue.h>
#include <heddle/asyncio/run.h>
#include <heddle/asyncio/semaphore.h>
#include <heddle/asyncio/shield.h>
#include <heddle/asyncio/sleep.h>
#include <heddle/asyncio/stream_reader.h>
#include <heddle/asyncio/task.h>
#include <heddle/asyncio/task_group.h>
#include <heddle/asyncio/timeout.h>
#include <heddle/asyncio/to_thread.h>
#include <heddle/asyncio/wait.h>
#include <heddle/asyncio/wait_for.h>
#include <heddle/asyncio/wait_list.h>
#include <heddle/asyncio/with.h>
