// The files to count: found, read, and judged.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace demo {

// What was left out, and why.
struct Skipped {
  std::uint64_t unreadable = 0;
  std::uint64_t broken_links = 0;
  std::uint64_t binary = 0;
  std::string example;  // one of the unreadable ones, with the system's words

  void add(const Skipped& other);
};

// Everything below one directory, one level at a time.
struct Listing {
  std::vector<std::string> files;
  std::vector<std::string> directories;
  Skipped skipped;
};

// The entries of a directory. Links to directories are not followed, so that the walk ends.
Listing list_directory(std::string directory);

// The contents of a file; nothing when it cannot be read or is not text, which `skipped` then
// counts.
std::optional<std::string> read_text(const std::string& path, Skipped& skipped);

// A batch of files to be counted together: small files travel together, since a trip to a process
// costs more than they do.
using Batch = std::vector<std::string>;
inline constexpr std::size_t batch_bytes = 1 << 20;

}  // namespace demo
