#include <heddle/detail/frame.h>

#include <heddle/core/compiler.h>

#include <array>
#include <atomic>
#include <new>
#include <utility>

namespace heddle::detail {

namespace {

// Blocks are kept in lists by size, in steps of 32 bytes up to 1 KiB; frames are small, and most
// programs use few sizes.
constexpr std::size_t step = 32;
constexpr std::size_t classes = 33;
// What a list keeps at most. A thread that only frees what others allocate must not collect memory
// without end.
constexpr std::uint32_t kept_max = 1 << 17;

struct Block {
  Block* next;
};

struct ThreadPool;
std::atomic<ThreadPool*> all_pools{nullptr};

// The lists of one thread. Pools are never freed but passed on, so that the census can walk them at
// any time.
struct ThreadPool {
  std::array<Block*, classes> free{};
  std::array<std::uint32_t, classes> kept{};
  // Written by its thread only; the census reads it from another.
  std::atomic<std::int64_t> live{0};
  ThreadPool* next_pool = nullptr;
  std::atomic<bool> in_use{true};

  void count(std::int64_t change) noexcept {
    live.store(live.load(std::memory_order_relaxed) + change, std::memory_order_relaxed);
  }
  void release_all() noexcept {
    for (std::size_t index = 0; index < classes; ++index) {
      while (Block* block = free[index]) {
        free[index] = block->next;
        ::operator delete(block);
      }
      kept[index] = 0;
    }
  }
};

constinit thread_local ThreadPool* pool_of_thread = nullptr;

ThreadPool* claim_pool() {
  for (ThreadPool* pool = all_pools.load(std::memory_order_acquire); pool != nullptr;
       pool = pool->next_pool) {
    bool expected = false;
    if (pool->in_use.compare_exchange_strong(expected, true, std::memory_order_acquire))
      return pool;
  }
  auto* pool = new ThreadPool;
  pool->next_pool = all_pools.load(std::memory_order_relaxed);
  while (!all_pools.compare_exchange_weak(pool->next_pool, pool, std::memory_order_release)) {
  }
  return pool;
}

// Gives the memory of a thread back when it ends.
struct ThreadEnd {
  ~ThreadEnd() {
    ThreadPool* pool = pool_of_thread;
    if (pool == nullptr) return;
    pool->release_all();
    pool_of_thread = nullptr;  // what destructors free after this makes a pool of its own
    pool->in_use.store(false, std::memory_order_release);
  }
};

ThreadPool& this_pool() {
  if (pool_of_thread == nullptr) {
    pool_of_thread = claim_pool();
    static thread_local ThreadEnd at_thread_end;
    static_cast<void>(at_thread_end);
  }
  return *pool_of_thread;
}

}  // namespace

void* allocate(std::size_t bytes) {
  ThreadPool& pool = this_pool();
  std::size_t index = (bytes + step - 1) / step;
  if (address_sanitizer || index >= classes) {
    void* memory = ::operator new(bytes);
    pool.count(1);
    return memory;
  }
  Block* block = pool.free[index];
  if (block != nullptr) {
    pool.free[index] = block->next;
    --pool.kept[index];
  } else {
    block = static_cast<Block*>(::operator new(index * step));
  }
  pool.count(1);
  return block;
}

void deallocate(void* memory, std::size_t bytes) noexcept {
  ThreadPool& pool = this_pool();
  pool.count(-1);
  std::size_t index = (bytes + step - 1) / step;
  if (address_sanitizer || index >= classes || pool.kept[index] >= kept_max) {
    ::operator delete(memory);
    return;
  }
  auto* block = static_cast<Block*>(memory);
  block->next = pool.free[index];
  pool.free[index] = block;
  ++pool.kept[index];
}

std::int64_t live_allocations() noexcept {
  std::int64_t sum = 0;
  for (ThreadPool* pool = all_pools.load(std::memory_order_acquire); pool != nullptr;
       pool = pool->next_pool) {
    sum += pool->live.load(std::memory_order_relaxed);
  }
  return sum;
}

namespace {

// Beyond this many nested destructions the rest is put aside and taken apart by the outermost one.
constexpr int nesting_max = 200;
constinit thread_local int nesting = 0;
constinit thread_local Frame* aside = nullptr;  // chained by their links

}  // namespace

void destroy_frame(Frame& frame, bool started) noexcept {
  if (started || nesting < nesting_max) {
    ++nesting;
    frame.handle().destroy();
    --nesting;
  } else {
    // It never ran, so that nobody awaits it and its link is free to chain it.
    frame.link = reinterpret_cast<AwaitLink*>(aside);
    aside = &frame;
    return;
  }
  while (nesting == 0 && aside != nullptr) {
    Frame* next = aside;
    aside = reinterpret_cast<Frame*>(next->link);
    next->link = nullptr;
    ++nesting;
    next->handle().destroy();
    --nesting;
  }
}

void destroy_chain(Frame* innermost, Frame& root) noexcept {
  Frame* frame = innermost;
  while (frame != nullptr && frame != &root) {
    AwaitLink* link = frame->link;
    if (link == nullptr) break;
    Frame* outer = link->awaiter;
    if (std::exchange(link->child, nullptr) != nullptr) frame->handle().destroy();
    frame = outer;
  }
  root.handle().destroy();
}

}  // namespace heddle::detail
