#include "asyncio/task_numbers.h"

#include <algorithm>
#include <atomic>

namespace heddle::asyncio::detail {

namespace {
std::atomic<std::uint64_t> taken{0};
constexpr std::uint64_t first_block = 64;
}  // namespace

void TaskNumbers::take_block() noexcept {
  std::uint64_t given = block_count_ == 0 ? 0 : serial_of(last_);
  std::uint64_t count = std::max(first_block, given);
  std::uint64_t before_first = taken.fetch_add(count, std::memory_order_relaxed);
  // Of the only loop that runs, blocks follow each other.
  if (block_count_ == 0 || before_first != last_) blocks_[block_count_++] = {before_first, given};
  last_ = before_first;
  end_ = before_first + count;
}

std::uint64_t TaskNumbers::serial_of(std::uint64_t number) const noexcept {
  std::size_t block = block_count_ - 1;
  while (blocks_[block].before_first >= number) --block;
  return number - blocks_[block].before_first + blocks_[block].given_before;
}

void TaskNumbers::give_back() noexcept {
  std::uint64_t end = end_;
  taken.compare_exchange_strong(end, last_, std::memory_order_relaxed);
  end_ = last_;
}

}  // namespace heddle::asyncio::detail
