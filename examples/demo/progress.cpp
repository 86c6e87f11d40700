#include "progress.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace demo {

Progress::Progress(std::string label)
    : label_(std::move(label)), on_terminal_(::isatty(STDERR_FILENO) == 1) {}

void Progress::show(std::uint64_t done, std::uint64_t total) {
  auto now = std::chrono::steady_clock::now();
  if (!on_terminal_ || (drawn_ && now - last_ < std::chrono::milliseconds(50))) return;
  last_ = now;
  drawn_ = true;
  constexpr std::uint64_t width = 40;
  std::uint64_t filled = total == 0 ? 0 : std::min(width, done * width / total);
  std::string bar = std::string(filled, '#') + std::string(width - filled, '.');
  std::fprintf(stderr, "\r%s [%s] %llu of %llu files", label_.c_str(), bar.c_str(),
               static_cast<unsigned long long>(done), static_cast<unsigned long long>(total));
  std::fflush(stderr);
}

void Progress::clear() {
  if (drawn_) std::fputs("\r\033[K", stderr);
  drawn_ = false;
}

}  // namespace demo
