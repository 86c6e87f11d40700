// TaskNumbers: the numbers of a loop's tasks, which count in the process.
//
// A loop takes them in blocks, so that creating a task needs no atomic operation, and gives back
// what it did not use, so that the tasks of one loop after another are numbered without gaps.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace heddle::asyncio::detail {

class TaskNumbers {
 public:
  // True when next() needs take_block() first.
  bool used_up() const noexcept { return last_ == end_; }
  void take_block() noexcept;
  std::uint64_t next() noexcept { return ++last_; }
  // How many of this loop have come up to the one with that number: so it does not depend on what
  // other loops do.
  std::uint64_t serial_of(std::uint64_t number) const noexcept;
  void give_back() noexcept;

 private:
  struct Block {
    std::uint64_t before_first;
    std::uint64_t given_before;
  };

  // Each block is as large as all before it together, so these are enough for ever.
  std::array<Block, 64> blocks_;
  std::size_t block_count_ = 0;
  std::uint64_t last_ = 0;
  std::uint64_t end_ = 0;
};

}  // namespace heddle::asyncio::detail
