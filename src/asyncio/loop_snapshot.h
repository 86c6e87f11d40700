// LoopSnapshot: who waits where in a loop, taken at any moment.
//
// take() runs on the loop's thread and is async-signal-safe: it only reads, and writes to memory
// that was there before. So it works from a signal handler while the loop polls, computes, or hangs
// in a callback. The lists it walks are linked so that a reader on the same thread finds them whole
// between any two instructions (IntrusiveList::publish). tree() makes text of it, later and
// anywhere.
#pragma once

#include <cstdint>
#include <memory>
#include <source_location>
#include <string>
#include <vector>

#include "asyncio/loop_core.h"

namespace heddle::asyncio::detail {

class LoopSnapshot {
 public:
  // What one snapshot holds at most; the rest is counted.
  static constexpr std::uint32_t tasks_max = 10'000;
  static constexpr std::uint32_t frames_max = 40'000;
  static constexpr std::uint32_t waits_max = 20'000;

  LoopSnapshot();

  // The loop's own thread. step: what runs now, as far as it is known.
  void take(LoopCore& loop, const StepLabel* step) noexcept;

  // The tasks as a tree, in the manner of `python -m asyncio pstree`: below each task the
  // coroutines it is in, outermost first, with the line of their await; below the innermost the
  // tasks that it waits for.
  std::string tree() const;
  // Where the loop is busy: a line for each coroutine that runs, innermost first; or the callback.
  std::vector<std::string> running() const;

 private:
  struct Task {
    std::uint64_t id;
    char name[40];  // as given; empty: "Task-id"
    std::uint32_t frames_begin, frames_end;
    bool running;
  };
  struct Wait {
    std::uint32_t awaited;  // index of a task
    std::uint64_t waiter;   // id of a task
  };
  class Printer;

  void add_task(TaskCore& task) noexcept;
  void add_waits(std::uint32_t awaited, FutureCore& future, int depth) noexcept;
  static std::string name_of(const Task& task);

  std::unique_ptr<Task[]> tasks_;
  std::unique_ptr<std::source_location[]> frames_;
  std::unique_ptr<Wait[]> waits_;
  std::uint32_t task_count_ = 0;
  std::uint32_t frame_count_ = 0;
  std::uint32_t wait_count_ = 0;
  std::uint32_t left_out_ = 0;
  const std::type_info* callback_ = nullptr;
  std::source_location callback_place_{};
};

}  // namespace heddle::asyncio::detail
