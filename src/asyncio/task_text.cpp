// What a task says of itself: its name, where it is, and what it is reported as.
#include "asyncio/function_name.h"
#include "asyncio/loop_core.h"
#include "core/text.h"

namespace heddle::asyncio {

using heddle::detail::Frame;
using heddle::detail::thread_state;

std::string TaskCore::name() const {
  if (rare_ && rare_->name) return *rare_->name;
  return "Task-" + std::to_string(id_);
}

void TaskCore::set_name(std::string name) {
  rare().name = std::make_unique<const std::string>(std::move(name));
}

// In debug mode: where the coroutine that creates the task, and those that await it, were last.
void TaskCore::note_creator() noexcept {
  constexpr std::size_t depth_max = 10;
  if (thread_state.loop != &loop() || thread_state.task == nullptr) return;
  const Frame* frame = thread_state.current;
  try {
    std::vector<std::string> chain = chain_from(frame, depth_max);
    std::string& creator = rare().creator;
    for (const std::string& line : chain) creator += (creator.empty() ? "" : ", in ") + line;
  } catch (...) {
    // Out of memory: the task matters more than where it comes from.
  }
}

// Where the function begins that the task was made of.
void TaskCore::report_swallowed_cancellation() noexcept {
  loop().report(ExceptionContext::about(
      "Task swallowed a cancellation", nullptr, *this,
      "it was cancelled and ended as if it had not been: rethrow CancelledError, or uncancel() if "
      "the request was yours"));
}

std::string TaskCore::function() const { return detail::function_name(begin()); }

std::vector<std::string> TaskCore::await_chain() const { return chain_from(innermost(), SIZE_MAX); }

std::vector<std::string> TaskCore::chain_from(const Frame* frame, std::size_t depth_max) {
  std::vector<std::string> chain;
  while (frame != nullptr && chain.size() < depth_max) {
    chain.push_back(detail::place_text(frame->where));
    frame = frame->awaiter();
  }
  return chain;
}

detail::StepLabel TaskCore::label() {
  detail::StepLabel label;
  label.task = Ref<FutureCore>(this);
  if (const Frame* frame = innermost()) label.resumed = frame->where;
  return label;
}

std::string TaskCore::describe() const {
  const char* state = !done()       ? (cancel_requests_ > 0 ? "cancelling" : "pending")
                      : cancelled() ? "cancelled"
                                    : "finished";
  std::source_location begin = this->begin();
  std::string text =
      core::text({"<Task ", state, " name='", name(), "' coro=<", function(), "() defined at ",
                  begin.file_name(), ":", std::to_string(begin.line()), ">"});
  if (failed()) text += " exception=" + repr(stored_exception());
  return text + ">";
}

}  // namespace heddle::asyncio
