#include <heddle/detail/frame.h>

#include <heddle/core/compiler.h>

#include <algorithm>
#include <atomic>
#include <new>
#include <utility>

#include "core/kernel.h"

namespace heddle::detail {

namespace {

// Memory is taken from the heap in chunks and never given back: what a program once needed for its
// coroutines stays theirs. Blocks that their thread does not keep go here, for any thread.
constexpr std::size_t chunk_size = 32 * 1024;
std::atomic<FreeLists::Block*> depot[FreeLists::classes] = {};
std::atomic<std::int64_t> in_depot{0};

void put_into_depot(std::size_t index, FreeLists::Block* first, FreeLists::Block* last,
                    std::int64_t count) noexcept {
  in_depot.fetch_add(count, std::memory_order_relaxed);
  last->next = depot[index].load(std::memory_order_relaxed);
  // release: who takes the blocks must see their links.
  while (!depot[index].compare_exchange_weak(last->next, first, std::memory_order_release,
                                             std::memory_order_relaxed)) {
  }
}

struct ThreadPool;
std::atomic<ThreadPool*> all_pools{nullptr};

// The lists of one thread. Pools are never freed but passed on, so that the census can walk them at
// any time.
struct ThreadPool : FreeLists {
  ThreadPool* next_pool = nullptr;
  std::atomic<bool> in_use{true};
  // Blocks cut from chunks, and big ones in use.
  std::atomic<std::int64_t> made{0};
  char* rest = nullptr;  // of the newest chunk
  std::size_t rest_size = 0;
  void* chunks = nullptr;  // each begins with the address of the one before

  void count_made(std::int64_t change) noexcept {
    made.store(made.load(std::memory_order_relaxed) + change, std::memory_order_relaxed);
  }

  void* get(std::size_t index) {
    Block* block = free[index];
    if (block == nullptr) block = take_from_depot(index);
    if (block == nullptr) return cut(index);
    free[index] = block->next;
    count_kept(index, ~std::uint32_t{0});
    return block;
  }
  void put(std::size_t index, void* memory) noexcept {
    auto* block = static_cast<Block*>(memory);
    if (kept[index].load(std::memory_order_relaxed) >= kept_max[index])
      return put_into_depot(index, block, block, 1);
    block->next = free[index];
    free[index] = block;
    count_kept(index, 1);
  }
  void give_all_to_depot() noexcept {
    for (std::size_t index = 0; index < classes; ++index) {
      Block* first = std::exchange(free[index], nullptr);
      std::uint32_t count = kept[index].load(std::memory_order_relaxed);
      kept_max[index] = 0;
      if (first == nullptr) continue;
      Block* last = first;
      while (last->next != nullptr) last = last->next;
      put_into_depot(index, first, last, count);
      kept[index].store(0, std::memory_order_relaxed);
    }
  }

 private:
  Block* take_from_depot(std::size_t index) noexcept {
    if (depot[index].load(std::memory_order_relaxed) == nullptr) return nullptr;
    // acquire: the links that other threads wrote. All are taken: taking one could meet a block
    // that was taken and put back meanwhile.
    Block* first = depot[index].exchange(nullptr, std::memory_order_acquire);
    std::uint32_t count = 0;
    for (Block* block = first; block != nullptr; block = block->next) ++count;
    in_depot.fetch_sub(count, std::memory_order_relaxed);
    free[index] = first;
    count_kept(index, count);
    kept_max[index] = std::max(kept_max[index], count);
    return first;
  }
  void* cut(std::size_t index) {
    std::size_t size = index * step;
    if (rest_size < size) {
      void* chunk = ::operator new(chunk_size);
      *static_cast<void**>(chunk) = std::exchange(chunks, chunk);
      rest = static_cast<char*>(chunk) + step;
      rest_size = chunk_size - step;
    }
    ++kept_max[index];
    count_made(1);
    rest_size -= size;
    return std::exchange(rest, rest + size);
  }
};

ThreadPool* claim_pool() {
  for (ThreadPool* pool = all_pools.load(std::memory_order_acquire); pool != nullptr;
       pool = pool->next_pool) {
    bool expected = false;
    // acquire: what the thread before did with the lists must be visible.
    if (pool->in_use.compare_exchange_strong(expected, true, std::memory_order_acquire)) {
      return pool;
    }
  }
  auto* pool = new ThreadPool;
  pool->next_pool = all_pools.load(std::memory_order_relaxed);
  while (!all_pools.compare_exchange_weak(pool->next_pool, pool, std::memory_order_release)) {
  }
  return pool;
}

constinit thread_local ThreadPool* own_pool = nullptr;
// For tests: each allocation tries the heap first.
constinit thread_local bool tries_heap = false;

// Passes the memory of a thread on when it ends.
struct ThreadEnd {
  ~ThreadEnd() {
    // The main thread ends with the process: nobody will want its memory, which may be much.
    if (core::Kernel::gettid() == core::Kernel::getpid()) return;
    ThreadPool* pool = std::exchange(own_pool, nullptr);
    if (pool == nullptr) return;
    free_lists = &no_free_lists;  // what destructors free after this makes a pool of its own
    pool->give_all_to_depot();
    pool->in_use.store(false, std::memory_order_release);
  }
};

ThreadPool& pool_of_thread() {
  if (own_pool == nullptr) {
    own_pool = claim_pool();
    static thread_local ThreadEnd at_thread_end;
    static_cast<void>(at_thread_end);
  }
  if (!tries_heap) free_lists = own_pool;
  return *own_pool;
}

}  // namespace

void* allocate_slowly(std::size_t bytes) {
  ThreadPool& pool = pool_of_thread();
  std::size_t index = (bytes + FreeLists::step - 1) / FreeLists::step;
  if (address_sanitizer || index >= FreeLists::classes) {
    void* memory = ::operator new(bytes);
    pool.count_made(1);
    return memory;
  }
  if (tries_heap) ::operator delete(::operator new(bytes));
  return pool.get(index);
}

void deallocate_slowly(void* memory, std::size_t bytes) noexcept {
  ThreadPool& pool = pool_of_thread();
  std::size_t index = (bytes + FreeLists::step - 1) / FreeLists::step;
  if (!address_sanitizer && index < FreeLists::classes) return pool.put(index, memory);
  pool.count_made(-1);
  ::operator delete(memory);
}

void use_free_lists(bool use) {
  tries_heap = !use;
  free_lists = &no_free_lists;
}

std::int64_t live_allocations() noexcept {
  std::int64_t sum = -in_depot.load(std::memory_order_relaxed);
  for (ThreadPool* pool = all_pools.load(std::memory_order_acquire); pool != nullptr;
       pool = pool->next_pool) {
    sum += pool->made.load(std::memory_order_relaxed);
    for (const auto& count : pool->kept) sum -= count.load(std::memory_order_relaxed);
  }
  return sum;
}

namespace {

// Beyond this many nested destructions the rest is put aside and taken apart by the outermost one.
constexpr int nesting_max = 200;
constinit thread_local int nesting = 0;
constinit thread_local Frame* aside = nullptr;  // chained by their links

}  // namespace

void destroy_unstarted(Frame& frame) noexcept {
  if (nesting < nesting_max) {
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

void destroy_chain(Frame& innermost) noexcept {
  Frame* frame = &innermost;
  while (!frame->is_root()) {
    AwaitLink* link = frame->link;
    Frame* outer = link->awaiter;
    if (std::exchange(link->child, nullptr) != nullptr) frame->handle().destroy();
    frame = outer;
  }
  frame->handle().destroy();
}

}  // namespace heddle::detail
