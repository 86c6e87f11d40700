// ProgressBar: one line on a terminal that says how far long work is.
//
//     futures::ProgressBar bar("resizing", "pictures");
//     auto small = pool.map(resize, pictures);
//     for (Picture picture : small) {
//       save(picture);
//       bar.show(small.progress());     // resizing [##########..............] 12 of 40 pictures
//     }
//
// Written to stderr, and only where that is a terminal; redrawn 20 times a second at most, so
// show() may be called for every item. Gone when the object is. One thread only. Not in Python.
#pragma once

#include <heddle/core/clock.h>
#include <heddle/futures/progress.h>

#include <string>

namespace heddle::futures {

class ProgressBar {
 public:
  // label: what is done; unit: what is counted, in the plural, or nothing.
  explicit ProgressBar(std::string label, std::string unit = {});
  ProgressBar(const ProgressBar&) = delete;  // there is one line on the terminal
  ProgressBar& operator=(const ProgressBar&) = delete;
  ~ProgressBar() { clear(); }

  // Redraws the line.
  void show(Progress progress);
  void show(std::size_t done, std::size_t total) { show(Progress{done, total}); }
  // Takes the line away; the next show() brings it back. Before something else is written.
  void clear() noexcept;

  // The line that show() draws, without the moves of the cursor.
  std::string line(Progress progress) const;

 private:
  std::string label_;
  std::string unit_;
  bool on_terminal_;
  bool drawn_ = false;
  Nanoseconds last_ = 0;
};

}  // namespace heddle::futures
