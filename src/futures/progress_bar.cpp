#include <heddle/futures/progress_bar.h>

#include <algorithm>
#include <cstdio>

#include "core/kernel.h"

namespace heddle::futures {

using core::Kernel;

ProgressBar::ProgressBar(std::string label, std::string unit)
    : label_(std::move(label)), unit_(std::move(unit)), on_terminal_(Kernel::isatty(2)) {}

std::string ProgressBar::line(Progress progress) const {
  constexpr std::size_t width = 40;
  std::string text = label_;
  if (progress.total) {
    // Without overflow, however large the numbers are.
    double part = *progress.total == 0
                      ? 1.0
                      : static_cast<double>(progress.done) / static_cast<double>(*progress.total);
    std::size_t filled = std::min(width, static_cast<std::size_t>(part * width));
    text += " [" + std::string(filled, '#') + std::string(width - filled, '.') + "] " +
            std::to_string(progress.done) + " of " + std::to_string(*progress.total);
  } else {
    text += " " + std::to_string(progress.done);
  }
  return unit_.empty() ? text : text + " " + unit_;
}

void ProgressBar::show(Progress progress) {
  constexpr Nanoseconds pause = 50'000'000;
  if (!on_terminal_) return;
  Nanoseconds now = Kernel::monotonic_now();
  if (drawn_ && now - last_ < pause) return;
  last_ = now;
  drawn_ = true;
  std::fprintf(stderr, "\r%s\033[K", line(progress).c_str());
  std::fflush(stderr);
}

void ProgressBar::clear() noexcept {
  if (drawn_) std::fputs("\r\033[K", stderr);
  drawn_ = false;
}

}  // namespace heddle::futures
