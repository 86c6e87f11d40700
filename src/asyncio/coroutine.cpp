#include <heddle/asyncio/coroutine.h>

#include "asyncio/function_name.h"
#include "asyncio/loop_core.h"
#include "core/text.h"

namespace heddle::asyncio::detail {

bool is_error(OutcomeKind kind) noexcept { return kind == OutcomeKind::error; }

void throw_already_awaited() { throw RuntimeError("cannot reuse already awaited coroutine"); }

void report_never_awaited(const Frame& frame) noexcept {
  try {
    ExceptionContext context(
        core::text(
            {"RuntimeWarning: coroutine '", function_name(frame.where), "' was never awaited"}),
        nullptr,
        core::text({"made of: ", frame.where.function_name(), " at ", frame.where.file_name(), ":",
                    std::to_string(frame.where.line())}),
        "co_await it, give it to create_task(), or close() it");
    if (heddle::detail::thread_state.loop != nullptr) {
      heddle::detail::thread_state.loop->report(context);
    } else {
      EventLoop::default_exception_handler(context);
    }
  } catch (...) {
    // Out of memory: a warning is not worth more.
  }
}

}  // namespace heddle::asyncio::detail
