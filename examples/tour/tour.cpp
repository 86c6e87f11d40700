// The tour: every program of examples/seed/ run beside its Python original.
//
// Each program runs with its real timing; its output stands beside what CPython prints for the
// original: run live where python3 is installed, otherwise as recorded. The exit code is 0 when all
// agree.
#include <heddle/asyncio.h>
#include <heddle/futures.h>
#include <heddle/multiprocessing.h>
#include <sys/wait.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

namespace asyncio = heddle::asyncio;

namespace {

// What a program printed, and how long it took.
struct Output {
  std::string text;
  double seconds = 0;
  int code = 0;
};

Output run_command(std::string command) {
  auto begin = std::chrono::steady_clock::now();
  Output output;
  FILE* pipe = ::popen((command + " 2>/dev/null").c_str(), "re");
  if (pipe == nullptr) throw heddle::RuntimeError("cannot run " + command);
  char chunk[4096];
  while (std::size_t got = std::fread(chunk, 1, sizeof chunk, pipe)) output.text.append(chunk, got);
  int status = ::pclose(pipe);
  output.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  output.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return output;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

std::string read_file(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw heddle::RuntimeError("cannot read " + path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string padded(std::string text, std::size_t width) {
  if (text.size() > width) text = text.substr(0, width - 1) + "~";
  text.resize(width, ' ');
  return text;
}

std::string seconds(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f s", value);
  return text;
}

// What the comment at the top of the Python program says.
std::string title_of(const std::string& python) {
  std::string first = lines_of(python).front();
  std::size_t colon = first.find(": ");
  return colon == first.npos ? first.substr(2) : first.substr(colon + 2);
}

// Prints both outputs side by side, and whether they agree.
bool show(const std::string& name, const Output& ours, const Output& theirs, bool live) {
  constexpr std::size_t width = 44;
  std::string source =
      live ? "CPython, " + seconds(theirs.seconds) : std::string("CPython, as recorded");
  std::cout << "\n--- " << name << ": "
            << title_of(read_file(std::string(SOURCE_DIR) + "/" + name + ".py")) << "\n"
            << padded("heddle, " + seconds(ours.seconds), width) << "| " << source << "\n";
  std::vector<std::string> left = lines_of(ours.text);
  std::vector<std::string> right = lines_of(theirs.text);
  for (std::size_t i = 0; i < std::max(left.size(), right.size()); ++i) {
    std::cout << padded(i < left.size() ? left[i] : "", width) << "| "
              << (i < right.size() ? right[i] : "") << "\n";
  }
  bool same = ours.text == theirs.text && ours.code == 0;
  std::cout << (same ? "same output, byte for byte" : "DIFFERENT") << std::endl;
  return same;
}

asyncio::Coro<int> tour() {
  Output probe = co_await asyncio::to_thread(run_command, std::string("python3 -c 'print(1)'"));
  bool live = probe.code == 0 && probe.text == "1\n";
  std::vector<std::string> names = lines_of(read_file(std::string(SOURCE_DIR) + "/programs.txt"));
  std::size_t agree = 0;
  for (const std::string& name : names) {
    // One after the other: their timings are part of what they show.
    Output ours = co_await asyncio::to_thread(run_command, std::string(PROGRAM_DIR) + "/" + name);
    Output theirs;
    if (live) {
      theirs = co_await asyncio::to_thread(
          run_command, "python3 " + std::string(SOURCE_DIR) + "/" + name + ".py");
    } else {
      theirs.text = read_file(std::string(SOURCE_DIR) + "/" + name + ".expected");
    }
    if (show(name, ours, theirs, live)) ++agree;
  }
  std::cout << "\n"
            << agree << " of " << names.size() << " programs print what "
            << (live ? "CPython prints" : "CPython printed") << "\n";
  co_return agree == names.size() ? 0 : 1;
}

}  // namespace

int main() { return asyncio::run(tour()); }
