#include "count.h"

#include <algorithm>

namespace demo {

namespace {

constexpr bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

void count_words(const std::string& text, Counts& words) {
  std::string word;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && is_letter(text[i])) {
      word += static_cast<char>(text[i] | 0x20);
    } else if (!word.empty()) {
      ++words[word];
      word.clear();
    }
  }
}

}  // namespace

void Tally::add(const Tally& other) {
  for (const auto& [word, count] : other.words) words[word] += count;
  files += other.files;
  bytes += other.bytes;
  skipped.add(other.skipped);
}

Tally count_texts(std::vector<std::string> texts) {
  Tally tally;
  for (const std::string& text : texts) {
    count_words(text, tally.words);
    ++tally.files;
    tally.bytes += text.size();
  }
  return tally;
}

Tally count_files(std::vector<std::string> paths) {
  Tally tally;
  for (const std::string& path : paths) {
    auto text = read_text(path, tally.skipped);
    if (!text) continue;
    count_words(*text, tally.words);
    ++tally.files;
    tally.bytes += text->size();
  }
  return tally;
}

std::vector<std::pair<std::string, std::uint64_t>> top_words(const Counts& words,
                                                             std::size_t most) {
  std::vector<std::pair<std::string, std::uint64_t>> sorted(words.begin(), words.end());
  most = std::min(most, sorted.size());
  std::partial_sort(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(most),
                    sorted.end(), [](const auto& a, const auto& b) {
                      return a.second != b.second ? a.second > b.second : a.first < b.first;
                    });
  sorted.resize(most);
  return sorted;
}

}  // namespace demo
