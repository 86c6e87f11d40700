// A progress bar on a terminal; nothing where the output is not one.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace demo {

class Progress {
 public:
  explicit Progress(std::string label);
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress() { clear(); }

  // Redraws the bar, a few times a second at most. total: as far as it is known.
  void show(std::uint64_t done, std::uint64_t total);
  void clear();

 private:
  std::string label_;
  bool on_terminal_;
  bool drawn_ = false;
  std::chrono::steady_clock::time_point last_;
};

}  // namespace demo
