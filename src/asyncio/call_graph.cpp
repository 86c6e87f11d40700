#include <heddle/asyncio/call_graph.h>

#include <algorithm>

#include "asyncio/function_name.h"
#include "asyncio/loop_snapshot.h"

namespace heddle::asyncio {

using heddle::detail::Frame;
using heddle::detail::thread_state;

namespace {

FrameCallGraphEntry entry_of(const std::source_location& where) {
  return {detail::function_name(where), where.file_name(), where.line()};
}

std::vector<FrameCallGraphEntry> stack_of(const Frame* frame, std::optional<std::size_t> limit) {
  std::vector<FrameCallGraphEntry> stack;
  while (frame != nullptr && (!limit || stack.size() < *limit)) {
    stack.push_back(entry_of(frame->where));
    frame = frame->awaiter();
  }
  return stack;
}

const Frame* innermost_of(const FutureCore& future) {
  if (!future.is_task()) return nullptr;
  const auto& task = static_cast<const TaskCore&>(future);
  return thread_state.task == &task ? thread_state.current : task.innermost();
}

// above: the futures on the way here, to end at a circle.
FutureCallGraph capture(FutureCore& future, std::optional<std::size_t> limit,
                        std::vector<const FutureCore*>& above) {
  FutureCallGraph graph{
      AnyFuture(Ref<FutureCore>(&future)), stack_of(innermost_of(future), limit), {}};
  if (std::find(above.begin(), above.end(), &future) != above.end()) return graph;
  above.push_back(&future);
  for (auto* node = future.newest_waiter(); node != nullptr; node = future.waiter_before(*node)) {
    if (FutureCore* waiter = node->waiter())
      graph.awaited_by.push_back(capture(*waiter, limit, above));
  }
  std::reverse(graph.awaited_by.begin(), graph.awaited_by.end());  // as they came
  above.pop_back();
  return graph;
}

void format(const FutureCallGraph& graph, const std::string& indent, std::string& text) {
  const FutureCore& future = *graph.future.core();
  char id[32];
  std::snprintf(id, sizeof id, "%p", static_cast<const void*>(&future));
  text += indent + "* " +
          (future.is_task()
               ? "Task(name='" + static_cast<const TaskCore&>(future).name() + "', id=" + id + ")"
               : std::string("Future(id=") + id + ")") +
          "\n";
  if (!graph.call_stack.empty()) text += indent + "  + Call stack:\n";
  for (const FrameCallGraphEntry& entry : graph.call_stack) {
    text += indent + "  |   File '" + entry.file + "', line " + std::to_string(entry.line) +
            ", in async " + entry.function + "()\n";
  }
  if (!graph.awaited_by.empty()) text += indent + "  + Awaited by:\n";
  for (const FutureCallGraph& waiter : graph.awaited_by) format(waiter, indent + "    ", text);
}

}  // namespace

std::optional<FutureCallGraph> capture_call_graph(std::optional<std::size_t> limit,
                                                  std::source_location at) {
  AnyTask task = current_task();
  if (!task) return std::nullopt;
  FutureCallGraph graph = capture_call_graph(AnyFuture(task.core()), limit);
  // The innermost coroutine is at this call, not at its last await.
  if (!graph.call_stack.empty()) graph.call_stack.front().line = at.line();
  return graph;
}

FutureCallGraph capture_call_graph(const AnyFuture& future, std::optional<std::size_t> limit) {
  std::vector<const FutureCore*> above;
  return capture(*future.core(), limit, above);
}

std::string format_call_graph(std::optional<std::size_t> limit, std::source_location at) {
  std::string text;
  if (std::optional<FutureCallGraph> graph = capture_call_graph(limit, at))
    format(*graph, "", text);
  return text;
}

std::string format_call_graph(const AnyFuture& future, std::optional<std::size_t> limit) {
  std::string text;
  format(capture_call_graph(future, limit), "", text);
  return text;
}

void print_call_graph(std::FILE* file, std::source_location at) {
  std::fputs(format_call_graph(std::nullopt, at).c_str(), file);
}

void print_call_graph(const AnyFuture& future, std::FILE* file) {
  std::fputs(format_call_graph(future).c_str(), file);
}

std::string format_task_tree() {
  detail::LoopSnapshot snapshot;
  snapshot.take(detail::running_loop_core(), nullptr);
  return snapshot.tree();
}

}  // namespace heddle::asyncio
