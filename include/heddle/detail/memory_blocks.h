// MemoryBlocks: memory for many objects of one type, in pieces that a free list has.
#pragma once

#include <heddle/detail/memory.h>

#include <cstddef>
#include <vector>

namespace heddle::detail {

// Blocks of memory of one size.
class MemoryBlocks {
 public:
  MemoryBlocks(std::size_t count, std::size_t size) : blocks_(count), size_(size) {}
  MemoryBlocks(const MemoryBlocks&) = delete;
  MemoryBlocks& operator=(const MemoryBlocks&) = delete;
  ~MemoryBlocks() {
    for (void* block : blocks_) {
      if (block != nullptr) deallocate(block, size_);
    }
  }
  void allocate() {
    for (void*& block : blocks_) block = heddle::detail::allocate(size_);
  }
  void* block(std::size_t index) noexcept { return blocks_[index]; }

 private:
  std::vector<void*> blocks_;
  std::size_t size_;
};

}  // namespace heddle::detail
