// What a run tells whoever made it: worlds do their harm here.
#pragma once

#include <heddle/asyncio/event_loop.h>
#include <heddle/testing/choices.h>
#include <heddle/testing/run_async.h>

namespace heddle::testing {

class RunHooks {
 public:
  virtual void begins(asyncio::EventLoop& loop) = 0;
  virtual void before_step() = 0;
  // The body is over, and the loop not yet closed.
  virtual void body_ended(asyncio::EventLoop& loop) noexcept = 0;
  virtual void failed(std::uint64_t steps, Nanoseconds time) noexcept = 0;

 protected:
  ~RunHooks() = default;
};

RunResult run_with_hooks(Body& body, const RunOptions& options, Choices& choices, RunHooks* hooks);

}  // namespace heddle::testing
