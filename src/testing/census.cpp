#include <heddle/detail/memory.h>
#include <heddle/multiprocessing/process.h>
#include <heddle/testing/census.h>
#include <heddle/threading/thread.h>

#include <filesystem>
#include <iterator>

namespace heddle::testing {

Census Census::take() {
  Census census;
  census.allocations = heddle::detail::live_allocations();
  census.descriptors = std::distance(std::filesystem::directory_iterator("/proc/self/fd"),
                                     std::filesystem::directory_iterator());
  census.threads = static_cast<std::int64_t>(threading::active_count());
  census.children = static_cast<std::int64_t>(multiprocessing::active_children().size());
  return census;
}

std::string Census::difference(const Census& before) const {
  std::string text;
  auto compare = [&text](const char* what, std::int64_t now, std::int64_t then) {
    if (now == then) return;
    if (!text.empty()) text += ", ";
    text += std::to_string(now - then) + " " + what;
  };
  compare("frames, tasks or handles", allocations, before.allocations);
  compare("descriptors", descriptors, before.descriptors);
  compare("threads", threads, before.threads);
  compare("child processes", children, before.children);
  return text;
}

}  // namespace heddle::testing
