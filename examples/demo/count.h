// Counting words: the work itself.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "files.h"

namespace demo {

using Counts = std::unordered_map<std::string, std::uint64_t>;

// What was counted in some files. Crosses from process to process as it is.
struct Tally {
  Counts words;
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
  Skipped skipped;

  void add(const Tally& other);
};

// Words are runs of letters, in lower case; ASCII only.
Tally count_texts(std::vector<std::string> texts);

// Reads and counts files.
Tally count_files(std::vector<std::string> paths);

// The most frequent words, equal ones in the order of the alphabet.
std::vector<std::pair<std::string, std::uint64_t>> top_words(const Counts& words, std::size_t most);

}  // namespace demo
