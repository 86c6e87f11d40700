// Call graphs: what a task waits for, who waits for it, and the whole tree of a loop.
//
//     asyncio::print_call_graph();                       // of the current task, as Python 3.14
//     std::cout << asyncio::format_task_tree();          // of all tasks of this loop
//     asyncio::TaskDump dump(SIGUSR1);                   // kill -USR1 PID prints the tree
//
// Every line has the function, the file and the line of an await; it costs two pointers a frame,
// and is there in release builds. Source: https://docs.python.org/3/library/asyncio-graph.html
#pragma once

#include <heddle/asyncio/task.h>

#include <cstdio>
#include <memory>
#include <optional>
#include <source_location>
#include <string>
#include <vector>

namespace heddle::asyncio {

// One coroutine of a suspended or running task.
struct FrameCallGraphEntry {
  std::string function;
  std::string file;
  std::uint32_t line = 0;  // of the await that it is at; of its beginning before the first one
};

// A future or task, the coroutines it is in, and who waits for it.
struct FutureCallGraph {
  AnyFuture future;
  std::vector<FrameCallGraphEntry> call_stack;  // innermost first
  std::vector<FutureCallGraph> awaited_by;
};

// The graph of the current task, nothing outside of one. limit: that many coroutines of each call
// stack at most. Throws RuntimeError "no running event loop". One loop only.
std::optional<FutureCallGraph> capture_call_graph(
    std::optional<std::size_t> limit = std::nullopt,
    std::source_location at = std::source_location::current());
// The graph of a future of this thread's loop.
FutureCallGraph capture_call_graph(const AnyFuture& future,
                                   std::optional<std::size_t> limit = std::nullopt);

// The graph as text, as Python's function of that name; empty outside of a task.
std::string format_call_graph(std::optional<std::size_t> limit = std::nullopt,
                              std::source_location at = std::source_location::current());
std::string format_call_graph(const AnyFuture& future,
                              std::optional<std::size_t> limit = std::nullopt);
// Writes it to `file`.
void print_call_graph(std::FILE* file = stdout,
                      std::source_location at = std::source_location::current());
void print_call_graph(const AnyFuture& future, std::FILE* file = stdout);

// All unfinished tasks of the running loop as a tree, in the manner of `python -m asyncio pstree`:
// below a task the coroutines it is in, below the innermost the tasks that it waits for. Throws
// RuntimeError "no running event loop".
std::string format_task_tree();

// While it lives, `signal` makes the process write the trees of all running loops to descriptor
// `fd`, in whatever state the loops are: polling, computing, hanging in a callback. A thread of its
// own does that; it interrupts each loop's thread for a moment by SIGURG. At most 10,000 tasks a
// loop are shown.
class TaskDump {
 public:
  // Throws ValueError for an invalid signal number, RuntimeError for one that cannot be caught and
  // when there is a TaskDump already.
  explicit TaskDump(int signal, int fd = 2);
  TaskDump(const TaskDump&) = delete;
  TaskDump& operator=(const TaskDump&) = delete;
  // Gives the signal back.
  ~TaskDump();

 private:
  class Service;
  std::unique_ptr<Service> service_;
};

}  // namespace heddle::asyncio
