#include <heddle/detail/memory.h>

#include <algorithm>
#include <utility>

#include "core/kernel.h"

namespace heddle::detail {

namespace {

using Block = FreeLists::Block;

constexpr std::size_t index_of(std::size_t bytes) noexcept {
  return (bytes + FreeLists::step - 1) / FreeLists::step;
}

// Whether the heap has blocks of this class, one by one.
constexpr bool is_heaps(std::size_t index) noexcept {
  return address_sanitizer || index >= FreeLists::classes;
}

// How many blocks of a size a thread that does not need them collects, to hand them on together.
constexpr std::uint32_t batch_size(std::size_t index) noexcept {
  constexpr std::size_t bytes = 8192;
  return static_cast<std::uint32_t>(
      std::clamp<std::size_t>(bytes / (std::max<std::size_t>(index, 1) * FreeLists::step), 2, 32));
}

// Blocks that their thread does not keep, for any thread: by size a stack of batches. The first
// block of a batch leads to the next batch, too. Lock-free.
class Depot {
 public:
  // REQUIRES: the next of the last block is null.
  void put(std::size_t index, Block* first, std::uint32_t count) noexcept {
    blocks_.fetch_add(count, std::memory_order_relaxed);
    std::atomic<Batch*>& newest = newest_[index];
    auto* batch = ::new (first) Batch{first->next, newest.load(std::memory_order_relaxed)};
    // release: who takes the blocks must see their links.
    while (!newest.compare_exchange_weak(batch->older, batch, std::memory_order_release,
                                         std::memory_order_relaxed)) {
    }
  }
  // The first block of a batch, or null.
  Block* take(std::size_t index) noexcept {
    std::atomic<Batch*>& newest = newest_[index];
    if (newest.load(std::memory_order_relaxed) == nullptr) return nullptr;
    // All are taken for a moment: taking one could meet a batch that was taken and put back
    // meanwhile. acquire: the links that other threads wrote.
    Batch* batch = newest.exchange(nullptr, std::memory_order_acquire);
    if (batch == nullptr) return nullptr;
    put_back(newest, batch->older);
    return ::new (batch) Block{batch->next};
  }
  void count_taken(std::uint32_t count) noexcept {
    blocks_.fetch_sub(count, std::memory_order_relaxed);
  }
  // Blocks in it, and those of the heap that were freed by a thread without a pool.
  std::int64_t blocks() const noexcept { return blocks_.load(std::memory_order_relaxed); }
  void count_freed() noexcept { blocks_.fetch_add(1, std::memory_order_relaxed); }

 private:
  struct Batch {
    Block* next;
    Batch* older;
  };

  static void put_back(std::atomic<Batch*>& newest, Batch* rest) noexcept {
    Batch* none = nullptr;
    while (rest != nullptr && !newest.compare_exchange_strong(none, rest, std::memory_order_release,
                                                              std::memory_order_relaxed)) {
      // What others have put there meanwhile is little; it goes before the rest.
      none = nullptr;
      Batch* more = newest.exchange(nullptr, std::memory_order_acquire);
      if (more == nullptr) continue;
      Batch* last = more;
      while (last->older != nullptr) last = last->older;
      last->older = rest;
      rest = more;
    }
  }

  std::atomic<Batch*> newest_[FreeLists::classes] = {};
  std::atomic<std::int64_t> blocks_{0};
};

constinit Depot own_depot;     // of what stays with its loop
constinit Depot shared_depot;  // of what threads share

// Memory is taken from the heap in chunks and never given back: what a program once needed for its
// coroutines and jobs stays theirs. A thread that has taken much takes big ones, of which only what
// is touched is real.
class Chunks {
 public:
  // What is made together, of whatever sizes, lies together. Null when there is no memory.
  void* cut(std::size_t size) noexcept {
    if (rest_size_ < size && !take(taken_ < much ? small : big) && !take(small)) return nullptr;
    rest_size_ -= size;
    return std::exchange(rest_, rest_ + size);
  }

 private:
  static constexpr std::size_t small = 32 * 1024;
  static constexpr std::size_t much = 4 * 1024 * 1024;
  static constexpr std::size_t big = 8 * 1024 * 1024;

  [[gnu::noinline]] bool take(std::size_t size) noexcept {
    void* chunk = ::operator new(size, std::nothrow);
    if (chunk == nullptr) return false;
    taken_ += size;
    *static_cast<void**>(chunk) = std::exchange(newest_, chunk);
    rest_ = static_cast<char*>(chunk) + FreeLists::step;
    rest_size_ = size - FreeLists::step;
    return true;
  }

  char* rest_ = nullptr;  // of the newest chunk
  std::size_t rest_size_ = 0;
  std::size_t taken_ = 0;
  void* newest_ = nullptr;  // each begins with the address of the one before
};

// The lists of one thread, for one of the two depots.
struct ThreadLists : FreeLists {
  // Blocks cut from chunks, and those of the heap in use.
  std::atomic<std::int64_t> made{0};
  Depot& depot;

  explicit ThreadLists(Depot& depot_) noexcept : depot(depot_) { reset_kept_max(); }

  void count_made(std::int64_t change) noexcept {
    made.store(made.load(std::memory_order_relaxed) + change, std::memory_order_relaxed);
  }
  // Null when there is no memory.
  void* get(std::size_t index, Chunks& chunks) noexcept {
    Block* block = free[index];
    if (block == nullptr) block = take_batch(index);
    if (block == nullptr) return cut(index, chunks);
    free[index] = block->next;
    count_kept(index, ~std::uint32_t{0});
    return block;
  }
  void put(std::size_t index, void* memory) noexcept {
    if (kept[index].load(std::memory_order_relaxed) >= kept_max[index]) hand_on(index);
    free[index] = ::new (memory) Block{free[index]};
    count_kept(index, 1);
  }
  void hand_on_all() noexcept {
    for (std::size_t index = 0; index < classes; ++index) {
      while (kept[index].load(std::memory_order_relaxed) >= batch_size(index)) hand_on(index);
      Block* first = std::exchange(free[index], nullptr);
      if (first == nullptr) continue;
      depot.put(index, first, kept[index].exchange(0, std::memory_order_relaxed));
    }
    reset_kept_max();
  }
  std::int64_t in_use() const noexcept {
    std::int64_t sum = made.load(std::memory_order_relaxed);
    for (const auto& count : kept) sum -= count.load(std::memory_order_relaxed);
    return sum;
  }

 private:
  void reset_kept_max() noexcept {
    for (std::size_t index = 0; index < classes; ++index) kept_max[index] = batch_size(index);
  }
  void* cut(std::size_t index, Chunks& chunks) noexcept {
    void* block = chunks.cut(index * step);
    if (block == nullptr) return nullptr;
    ++kept_max[index];
    count_made(1);
    return block;
  }
  // REQUIRES: so many are kept.
  void hand_on(std::size_t index) noexcept {
    std::uint32_t count = batch_size(index);
    Block* first = free[index];
    Block* last = first;
    for (std::uint32_t i = 1; i < count; ++i) last = last->next;
    free[index] = std::exchange(last->next, nullptr);
    count_kept(index, ~count + 1);
    depot.put(index, first, count);
  }
  Block* take_batch(std::size_t index) noexcept {
    Block* first = depot.take(index);
    std::uint32_t count = 0;
    for (Block* block = first; block != nullptr; block = block->next) ++count;
    depot.count_taken(count);
    free[index] = first;
    count_kept(index, count);
    return first;
  }
};

struct ThreadPool;
std::atomic<ThreadPool*> all_pools{nullptr};
std::atomic<std::int32_t> idle_pools{0};

// What one thread has. Pools are never freed but passed on, so that the census can walk them at any
// time.
struct ThreadPool {
  ThreadPool* next_pool = nullptr;
  std::atomic<bool> in_use{true};
  ThreadLists own{own_depot};
  ThreadLists shared{shared_depot};
  Chunks chunks;
};

ThreadPool* claim_idle_pool() noexcept {
  if (idle_pools.load(std::memory_order_relaxed) <= 0) return nullptr;
  for (ThreadPool* pool = all_pools.load(std::memory_order_acquire); pool != nullptr;
       pool = pool->next_pool) {
    bool expected = pool->in_use.load(std::memory_order_relaxed);
    // acquire: what the thread before did with the lists must be visible.
    if (expected || !pool->in_use.compare_exchange_strong(expected, true, std::memory_order_acquire,
                                                          std::memory_order_relaxed))
      continue;
    idle_pools.fetch_sub(1, std::memory_order_relaxed);
    return pool;
  }
  return nullptr;
}

// Null when there is no memory.
ThreadPool* claim_pool() noexcept {
  ThreadPool* pool = claim_idle_pool();
  if (pool != nullptr) return pool;
  pool = new (std::nothrow) ThreadPool;
  if (pool == nullptr) return nullptr;
  pool->next_pool = all_pools.load(std::memory_order_relaxed);
  while (!all_pools.compare_exchange_weak(pool->next_pool, pool, std::memory_order_release,
                                          std::memory_order_relaxed)) {
  }
  return pool;
}

void give_up(ThreadPool& pool) noexcept {
  pool.own.hand_on_all();
  pool.shared.hand_on_all();
  pool.in_use.store(false, std::memory_order_release);
  idle_pools.fetch_add(1, std::memory_order_relaxed);
}

constinit thread_local ThreadPool* own_pool = nullptr;
constinit thread_local bool thread_has_ended = false;
// For tests: each allocation tries the heap first.
constinit thread_local bool tries_heap = false;

// Passes the memory of a thread on when it ends.
struct ThreadEnd {
  ~ThreadEnd() {
    // The main thread ends with the process: nobody will want its memory, which may be much.
    if (core::Kernel::gettid() == core::Kernel::getpid()) return;
    thread_has_ended = true;
    free_lists = &no_free_lists;
    give_up(*std::exchange(own_pool, nullptr));
  }
};

[[gnu::cold, gnu::noinline]] void begin_thread() noexcept {
  own_pool = claim_pool();
  if (own_pool == nullptr) return;
  static thread_local ThreadEnd at_thread_end;
  static_cast<void>(at_thread_end);
  if (!tries_heap) free_lists = &own_pool->own;
}

// The thread's own. Null when there is no memory for it, and when what it had was passed on: then
// destructors that run even later use the depots.
inline ThreadPool* pool_of_thread() noexcept {
  if (own_pool == nullptr && !thread_has_ended) [[unlikely]]
    begin_thread();
  return own_pool;
}

using Which = ThreadLists ThreadPool::*;

void* get_from(ThreadPool& pool, Which which, std::size_t bytes) noexcept {
  ThreadLists& lists = pool.*which;
  std::size_t index = index_of(bytes);
  if (!is_heaps(index) && !tries_heap) return lists.get(index, pool.chunks);
  void* memory = ::operator new(bytes, std::nothrow);
  if (memory == nullptr) return nullptr;
  if (is_heaps(index)) {
    lists.count_made(1);
    return memory;
  }
  ::operator delete(memory);
  return lists.get(index, pool.chunks);
}

[[gnu::cold, gnu::noinline]] void* get_without_pool(Which which, std::size_t bytes) noexcept {
  ThreadPool* pool = thread_has_ended ? claim_pool() : nullptr;
  if (pool == nullptr) return nullptr;
  void* memory = get_from(*pool, which, bytes);
  give_up(*pool);
  return memory;
}

void* get_memory(Which which, std::size_t bytes) noexcept {
  ThreadPool* pool = pool_of_thread();
  if (pool == nullptr) [[unlikely]]
    return get_without_pool(which, bytes);
  return get_from(*pool, which, bytes);
}

[[gnu::cold, gnu::noinline]] void put_without_pool(Depot& depot, void* memory,
                                                   std::size_t index) noexcept {
  if (!is_heaps(index)) return depot.put(index, ::new (memory) Block{nullptr}, 1);
  depot.count_freed();
  ::operator delete(memory);
}

void put_memory(Which which, Depot& depot, void* memory, std::size_t bytes) noexcept {
  std::size_t index = index_of(bytes);
  ThreadPool* pool = pool_of_thread();
  if (pool == nullptr) [[unlikely]]
    return put_without_pool(depot, memory, index);
  ThreadLists& lists = pool->*which;
  if (!is_heaps(index)) return lists.put(index, memory);
  lists.count_made(-1);
  ::operator delete(memory);
}

}  // namespace

void* try_allocate_slowly(std::size_t bytes) noexcept {
  return get_memory(&ThreadPool::own, bytes);
}

void throw_no_memory() { throw std::bad_alloc(); }

void* allocate_slowly(std::size_t bytes) {
  void* memory = try_allocate_slowly(bytes);
  if (memory == nullptr) throw_no_memory();
  return memory;
}

void deallocate_slowly(void* memory, std::size_t bytes) noexcept {
  put_memory(&ThreadPool::own, own_depot, memory, bytes);
}

void* allocate_shared(std::size_t bytes) {
  void* memory = get_memory(&ThreadPool::shared, bytes);
  if (memory == nullptr) throw_no_memory();
  return memory;
}

void deallocate_shared(void* memory, std::size_t bytes) noexcept {
  put_memory(&ThreadPool::shared, shared_depot, memory, bytes);
}

void use_free_lists(bool use) {
  tries_heap = !use;
  ThreadPool* pool = use ? pool_of_thread() : nullptr;
  free_lists = pool != nullptr ? &pool->own : &no_free_lists;
}

std::int64_t live_allocations() noexcept {
  std::int64_t sum = -own_depot.blocks();
  for (ThreadPool* pool = all_pools.load(std::memory_order_acquire); pool != nullptr;
       pool = pool->next_pool) {
    sum += pool->own.in_use();
  }
  return sum;
}

}  // namespace heddle::detail
