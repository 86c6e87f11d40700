#include "files.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace demo {

namespace fs = std::filesystem;

void Skipped::add(const Skipped& other) {
  unreadable += other.unreadable;
  broken_links += other.broken_links;
  binary += other.binary;
  if (example.empty()) example = other.example;
}

Listing list_directory(std::string directory) {
  Listing listing;
  std::error_code error;
  fs::directory_iterator entries(directory, error);
  if (error) {
    ++listing.skipped.unreadable;
    listing.skipped.example = directory + ": " + error.message();
    return listing;
  }
  for (const fs::directory_entry& entry : entries) {
    std::error_code ignored;
    bool link = entry.is_symlink(ignored);
    if (link && !entry.exists(ignored)) {
      ++listing.skipped.broken_links;
    } else if (entry.is_directory(ignored)) {
      if (!link) listing.directories.push_back(entry.path().string());
    } else if (entry.is_regular_file(ignored)) {
      listing.files.push_back(entry.path().string());
    }
  }
  // The order of a directory is the file system's; a fixed one makes runs alike.
  std::sort(listing.files.begin(), listing.files.end());
  std::sort(listing.directories.begin(), listing.directories.end());
  return listing;
}

std::optional<std::string> read_text(const std::string& path, Skipped& skipped) {
  std::ifstream file(path, std::ios::binary);
  std::string text;
  if (file) {
    file.seekg(0, std::ios::end);
    auto size = file.tellg();
    file.seekg(0);
    if (size > 0) text.resize(static_cast<std::size_t>(size));
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
  }
  if (!file) {
    if (skipped.example.empty()) skipped.example = path + ": " + std::strerror(errno);
    ++skipped.unreadable;
    return std::nullopt;
  }
  // Text has no zero bytes: what grep calls a binary file.
  if (std::memchr(text.data(), 0, std::min<std::size_t>(text.size(), 8192)) != nullptr) {
    ++skipped.binary;
    return std::nullopt;
  }
  return text;
}

}  // namespace demo
