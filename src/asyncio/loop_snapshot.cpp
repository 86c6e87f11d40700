#include "asyncio/loop_snapshot.h"

#include <heddle/core/type_name.h>

#include <algorithm>
#include <cstring>
#include <unordered_map>

#include "asyncio/function_name.h"
#include "core/text.h"

namespace heddle::asyncio::detail {

using heddle::detail::Frame;
using heddle::detail::thread_state;

LoopSnapshot::LoopSnapshot()
    : tasks_(new Task[tasks_max]),
      frames_(new std::source_location[frames_max]),
      waits_(new Wait[waits_max]) {}

void LoopSnapshot::take(LoopCore& loop, const StepLabel* step) noexcept {
  task_count_ = frame_count_ = wait_count_ = left_out_ = 0;
  callback_ = nullptr;
  if (step != nullptr && step->handle) {
    callback_ = &step->handle->callable_type();
    callback_place_ = step->handle->place();
  }
  auto& list = loop.tasks();
  for (auto* node = list.first(); node != nullptr; node = list.next(*node))
    add_task(static_cast<TaskCore&>(*node));
}

void LoopSnapshot::add_task(TaskCore& task) noexcept {
  if (task_count_ == tasks_max) {
    ++left_out_;
    return;
  }
  Task& entry = tasks_[task_count_];
  entry.id = task.id();
  entry.name[0] = 0;
  if (const std::string* given = task.given_name()) {
    std::size_t length = std::min(given->size(), sizeof entry.name - 1);
    std::memcpy(entry.name, given->data(), length);
    entry.name[length] = 0;
  }
  entry.running = thread_state.task == &task;
  entry.frames_begin = frame_count_;
  const Frame* frame = entry.running ? thread_state.current : task.innermost();
  while (frame != nullptr && frame_count_ < frames_max) {
    frames_[frame_count_++] = frame->where;
    frame = frame->awaiter();
  }
  entry.frames_end = frame_count_;
  add_waits(task_count_, task, 0);
  ++task_count_;
}

// Futures that are not tasks (a gather, a shield) are passed through.
void LoopSnapshot::add_waits(std::uint32_t awaited, FutureCore& future, int depth) noexcept {
  for (auto* node = future.newest_waiter(); node != nullptr; node = future.waiter_before(*node)) {
    FutureCore* waiter = node->waiter();
    if (waiter == nullptr) continue;
    if (!waiter->is_task()) {
      if (depth < 8) add_waits(awaited, *waiter, depth + 1);
    } else if (wait_count_ < waits_max) {
      waits_[wait_count_++] = {awaited, static_cast<TaskCore*>(waiter)->id()};
    }
  }
}

std::string LoopSnapshot::name_of(const Task& task) {
  return task.name[0] != 0 ? std::string(task.name) : "Task-" + std::to_string(task.id);
}

// Walks the waits from the tasks that nobody waits for.
class LoopSnapshot::Printer {
 public:
  explicit Printer(const LoopSnapshot& snapshot)
      : snapshot_(snapshot), seen_(snapshot.task_count_), path_(snapshot.task_count_) {
    for (std::uint32_t i = 0; i < snapshot.task_count_; ++i) index_[snapshot.tasks_[i].id] = i;
    std::vector<bool> awaited(snapshot.task_count_);
    for (std::uint32_t i = 0; i < snapshot.wait_count_; ++i) {
      const Wait& wait = snapshot.waits_[i];
      auto waiter = index_.find(wait.waiter);
      if (waiter == index_.end()) continue;
      awaits_[waiter->second].push_back(wait.awaited);
      awaited[wait.awaited] = true;
    }
    for (std::uint32_t i = 0; i < snapshot.task_count_; ++i) {
      if (!awaited[i]) print(i, "");
    }
    // What is left waits in a circle.
    for (std::uint32_t i = 0; i < snapshot.task_count_; ++i) {
      if (!seen_[i]) print(i, "");
    }
    if (snapshot.left_out_ > 0)
      text_ += "… and " + std::to_string(snapshot.left_out_) + " more tasks\n";
  }

  std::string take() { return std::move(text_); }

 private:
  void print(std::uint32_t index, const std::string& indent) {
    const Task& task = snapshot_.tasks_[index];
    bool cycle = path_[index];
    text_ += indent + "(T) " + name_of(task) + (task.running ? " (running)" : "") +
             (cycle          ? "  <- await cycle"
              : seen_[index] ? "  (shown above)"
                             : "") +
             "\n";
    if (cycle || seen_[index]) return;
    seen_[index] = true;
    path_[index] = true;
    std::string inner = indent;
    for (std::uint32_t i = task.frames_end; i-- > task.frames_begin;) {
      inner += "  ";
      text_ += inner + line_of(snapshot_.frames_[i]) + "\n";
    }
    auto found = awaits_.find(index);
    if (found != awaits_.end()) {
      for (std::uint32_t awaited : found->second) print(awaited, inner + "  ");
    }
    path_[index] = false;
  }

 public:
  static std::string line_of(const std::source_location& where) {
    std::string file = where.file_name();
    file.erase(0, file.rfind('/') + 1);
    return core::text({function_name(where), " ", file, ":", std::to_string(where.line())});
  }

 private:
  const LoopSnapshot& snapshot_;
  std::unordered_map<std::uint64_t, std::uint32_t> index_;
  std::unordered_map<std::uint32_t, std::vector<std::uint32_t>> awaits_;
  std::vector<bool> seen_;
  std::vector<bool> path_;
  std::string text_;
};

std::string LoopSnapshot::tree() const { return Printer(*this).take(); }

std::vector<std::string> LoopSnapshot::running() const {
  std::vector<std::string> lines;
  for (std::uint32_t i = 0; i < task_count_; ++i) {
    const Task& task = tasks_[i];
    if (!task.running) continue;
    for (std::uint32_t at = task.frames_begin; at < task.frames_end; ++at)
      lines.push_back(
          core::text({name_of(task), ": after the await at ", Printer::line_of(frames_[at])}));
  }
  if (lines.empty() && callback_ != nullptr) {
    std::string line = "callback " + type_name(*callback_);
    if (callback_place_.line() != 0) line += ", queued in " + Printer::line_of(callback_place_);
    lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace heddle::asyncio::detail
