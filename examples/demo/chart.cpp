#include "chart.h"

#include <algorithm>
#include <cstdio>

namespace demo {

namespace {

template <class... Args>
std::string format(const char* pattern, Args... args) {
  char text[512];
  std::snprintf(text, sizeof text, pattern, args...);
  return text;
}

double longest(const std::vector<Run>& runs) {
  double most = 1e-9;
  for (const Run& run : runs) most = std::max(most, run.seconds);
  return most;
}

std::string escaped(const std::string& text) {
  std::string safe;
  for (char c : text) {
    if (c == '&') {
      safe += "&amp;";
    } else if (c == '<') {
      safe += "&lt;";
    } else if (c == '>') {
      safe += "&gt;";
    } else {
      safe += c;
    }
  }
  return safe;
}

}  // namespace

std::string human_bytes(double bytes) {
  const char* unit = "B";
  for (const char* larger : {"kB", "MB", "GB"}) {
    if (bytes < 1000) break;
    bytes /= 1000;
    unit = larger;
  }
  return format("%.1f %s", bytes, unit);
}

std::string terminal_chart(const std::vector<Run>& runs) {
  std::string text = format("%-34s %9s %12s %12s\n", "", "seconds", "files/s", "bytes/s");
  double most = longest(runs);
  for (const Run& run : runs) {
    double seconds = std::max(run.seconds, 1e-9);
    text += format("%-34s %9.3f %12.0f %12s  ", run.name.c_str(), run.seconds,
                   double(run.tally.files) / seconds,
                   (human_bytes(double(run.tally.bytes) / seconds)).c_str());
    text += std::string(static_cast<std::size_t>(run.seconds / most * 30 + 0.5), '=') + "\n";
  }
  return text;
}

std::string svg_chart(const std::vector<Run>& runs, const std::string& title) {
  constexpr int row = 36;
  constexpr int left = 250;
  constexpr int width = 400;
  int height = 60 + row * static_cast<int>(runs.size());
  std::string svg = format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" "
      "font-family=\"sans-serif\">\n",
      left + width + 110, height);
  svg += "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n";
  svg += "<text x=\"20\" y=\"30\" font-size=\"16\">" + escaped(title) + "</text>\n";
  double most = longest(runs);
  int y = 50;
  for (const Run& run : runs) {
    int bar = std::max(1, static_cast<int>(run.seconds / most * width));
    svg +=
        format("<text x=\"%d\" y=\"%d\" font-size=\"13\" text-anchor=\"end\">", left - 10, y + 18) +
        escaped(run.name) + "</text>\n";
    svg += format("<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"24\" fill=\"#3b6ea5\"/>\n", left,
                  y, bar);
    svg += format("<text x=\"%d\" y=\"%d\" font-size=\"13\">%.3f s</text>\n", left + bar + 8,
                  y + 18, run.seconds);
    y += row;
  }
  return svg + "</svg>\n";
}

}  // namespace demo
