// The comparison as a bar chart, in the terminal and as SVG.
#pragma once

#include <string>
#include <vector>

#include "ways.h"

namespace demo {

// A table with a bar a run; the longest takes the whole width.
std::string terminal_chart(const std::vector<Run>& runs);
// The same as an SVG document.
std::string svg_chart(const std::vector<Run>& runs, const std::string& title);

// "12.3 MB"
std::string human_bytes(double bytes);

}  // namespace demo
