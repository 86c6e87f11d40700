// What a thread tells the hooks.
#pragma once

#include <heddle/threading/thread.h>
#include <heddle/threading/thread_hooks.h>

#include <exception>
#include <memory>

namespace heddle::threading::detail {

// An exception left the thread's run(): to the excepthook, and to stderr if that fails.
void report(const Thread& thread, std::exception_ptr exception) noexcept;

// The hooks that were called; null when there are none.
std::shared_ptr<ThreadHooks> call_started_hook(const Thread& thread) noexcept;
void call_ended_hook(const std::shared_ptr<ThreadHooks>& hooks, const Thread& thread) noexcept;

}  // namespace heddle::threading::detail
