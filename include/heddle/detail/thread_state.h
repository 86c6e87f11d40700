// ThreadState: what runs on this thread. One object, so that a step of a task finds all of it by
// one address.
#pragma once

#include <cstdint>

namespace heddle {
class Context;
}
namespace heddle::asyncio {
class TaskCore;
class LoopCore;
}  // namespace heddle::asyncio

namespace heddle::detail {

struct Frame;

inline constexpr std::uint32_t inline_depth_max = 64;

// A coroutine never changes threads while it runs.
struct ThreadState {
  Frame* next = nullptr;     // what the trampoline resumes when the present frame returns to it
  Frame* current = nullptr;  // the coroutine that runs, while `task` is set
  // How many more children may run inside their awaiters.
  std::uint32_t inline_room = inline_depth_max;
  bool interrupted = false;  // the present step began with a cancellation to deliver
  // A coroutine is taken apart before it began: that the coroutines among its arguments were never
  // awaited is no mistake of the program.
  bool drops_arguments = false;
  asyncio::TaskCore* task = nullptr;
  asyncio::LoopCore* loop = nullptr;
  Context* context = nullptr;  // that was entered; null while the thread is in its own
};

// initial-exec: found by an addition, without a call, also in position-independent code.
[[gnu::tls_model("initial-exec")]] inline constinit thread_local ThreadState thread_state;

}  // namespace heddle::detail
