#include <heddle/detail/memory.h>

#include <algorithm>
#include <utility>

#include "core/kernel.h"

namespace heddle::detail {

namespace {

// Memory is taken from the heap in chunks and never given back: what a program once needed for its
// coroutines and jobs stays theirs. A thread that has taken much takes big ones, of which only what
// is touched is real.
constexpr std::size_t small_chunk = 32 * 1024;
constexpr std::size_t much = 4 * 1024 * 1024;
constexpr std::size_t big_chunk = 8 * 1024 * 1024;

// How many blocks of a size a thread that does not need them collects, to hand them on together.
constexpr std::uint32_t handed_on(std::size_t index) noexcept {
  constexpr std::size_t bytes = 8192;
  return static_cast<std::uint32_t>(
      std::clamp<std::size_t>(bytes / (std::max<std::size_t>(index, 1) * FreeLists::step), 2, 32));
}

// Blocks that their thread does not keep go here, for any thread.
std::atomic<FreeLists::Block*> depot[FreeLists::classes] = {};
std::atomic<std::int64_t> in_depot{0};
// What threads share, as counted by threads that had no pool.
std::atomic<std::int64_t> shared_of_ended{0};

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
  // Of these, what threads share; each thread counts what it takes and gives back.
  std::atomic<std::int64_t> shared{0};
  char* rest = nullptr;  // of the newest chunk
  std::size_t rest_size = 0;
  std::size_t taken = 0;   // bytes of all chunks
  void* chunks = nullptr;  // each begins with the address of the one before

  ThreadPool() noexcept { reset_kept_max(); }
  void reset_kept_max() noexcept {
    for (std::size_t index = 0; index < classes; ++index) kept_max[index] = handed_on(index);
  }
  void count_made(std::int64_t change) noexcept { add(made, change); }
  void count_shared(std::int64_t change) noexcept { add(shared, change); }

  // Null when there is no memory.
  void* get(std::size_t index) noexcept {
    Block* block = free[index];
    if (block == nullptr) block = take_from_depot(index);
    if (block == nullptr) return cut(index);
    free[index] = block->next;
    count_kept(index, ~std::uint32_t{0});
    return block;
  }
  [[gnu::noinline]] void put(std::size_t index, void* memory) noexcept {
    auto* block = static_cast<Block*>(memory);
    if (kept[index].load(std::memory_order_relaxed) >= kept_max[index]) hand_on(index);
    block->next = free[index];
    free[index] = block;
    count_kept(index, 1);
  }
  void give_all_to_depot() noexcept {
    for (std::size_t index = 0; index < classes; ++index) {
      Block* first = std::exchange(free[index], nullptr);
      std::uint32_t count = kept[index].load(std::memory_order_relaxed);
      if (first == nullptr) continue;
      Block* last = first;
      while (last->next != nullptr) last = last->next;
      put_into_depot(index, first, last, count);
      kept[index].store(0, std::memory_order_relaxed);
    }
    reset_kept_max();
  }

 private:
  static void add(std::atomic<std::int64_t>& count, std::int64_t change) noexcept {
    count.store(count.load(std::memory_order_relaxed) + change, std::memory_order_relaxed);
  }
  // REQUIRES: so many are kept.
  void hand_on(std::size_t index) noexcept {
    std::uint32_t count = handed_on(index);
    Block* first = free[index];
    Block* last = first;
    for (std::uint32_t i = 1; i < count; ++i) last = last->next;
    free[index] = last->next;
    count_kept(index, ~count + 1);
    put_into_depot(index, first, last, count);
  }
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
    kept_max[index] = std::max(kept_max[index], count + handed_on(index));
    return first;
  }
  // One at a time: what is made together, of whatever sizes, lies together.
  void* cut(std::size_t index) noexcept {
    std::size_t size = index * step;
    if (rest_size < size && !take_chunk()) return nullptr;
    ++kept_max[index];
    count_made(1);
    rest_size -= size;
    return std::exchange(rest, rest + size);
  }
  [[gnu::noinline]] bool take_chunk() noexcept {
    std::size_t size = taken < much ? small_chunk : big_chunk;
    void* chunk = ::operator new(size, std::nothrow);
    if (chunk == nullptr) return false;
    taken += size;
    *static_cast<void**>(chunk) = std::exchange(chunks, chunk);
    rest = static_cast<char*>(chunk) + step;
    rest_size = size - step;
    return true;
  }
};

ThreadPool* claim_pool() noexcept {
  for (ThreadPool* pool = all_pools.load(std::memory_order_acquire); pool != nullptr;
       pool = pool->next_pool) {
    bool expected = false;
    // acquire: what the thread before did with the lists must be visible.
    if (pool->in_use.compare_exchange_strong(expected, true, std::memory_order_acquire)) {
      return pool;
    }
  }
  auto* pool = new (std::nothrow) ThreadPool;
  if (pool == nullptr) return nullptr;
  pool->next_pool = all_pools.load(std::memory_order_relaxed);
  while (!all_pools.compare_exchange_weak(pool->next_pool, pool, std::memory_order_release)) {
  }
  return pool;
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
    thread_has_ended = true;  // what destructors free after this goes to the depot
    ThreadPool* pool = std::exchange(own_pool, nullptr);
    if (pool == nullptr) return;
    free_lists = &no_free_lists;
    pool->give_all_to_depot();
    pool->in_use.store(false, std::memory_order_release);
  }
};

[[gnu::cold, gnu::noinline]] void begin_thread() noexcept {
  own_pool = claim_pool();
  if (own_pool == nullptr) return;
  static thread_local ThreadEnd at_thread_end;
  static_cast<void>(at_thread_end);
  if (!tries_heap) free_lists = own_pool;
}

// Null when there is no memory for it.
inline ThreadPool* pool_of_thread() noexcept {
  if (own_pool == nullptr) [[unlikely]]
    begin_thread();
  return own_pool;
}

constexpr std::size_t index_of(std::size_t bytes) noexcept {
  return (bytes + FreeLists::step - 1) / FreeLists::step;
}

// Whether the heap has blocks of this class, one by one.
constexpr bool is_heaps(std::size_t index) noexcept {
  return address_sanitizer || index >= FreeLists::classes;
}

// Without a pool of the thread's own.
[[gnu::cold, gnu::noinline]] void give_to_all(std::size_t index, void* memory) noexcept {
  if (is_heaps(index)) {
    in_depot.fetch_add(1, std::memory_order_relaxed);  // made by somebody, and not in use
    return ::operator delete(memory);
  }
  auto* block = static_cast<FreeLists::Block*>(memory);
  put_into_depot(index, block, block, 1);
}

}  // namespace

void* try_allocate_slowly(std::size_t bytes) noexcept {
  ThreadPool* pool = pool_of_thread();
  if (pool == nullptr) return nullptr;
  std::size_t index = index_of(bytes);
  if (is_heaps(index)) {
    void* memory = ::operator new(bytes, std::nothrow);
    if (memory != nullptr) pool->count_made(1);
    return memory;
  }
  if (tries_heap) {
    void* tried = ::operator new(bytes, std::nothrow);
    if (tried == nullptr) return nullptr;
    ::operator delete(tried);
  }
  return pool->get(index);
}

void throw_no_memory() { throw std::bad_alloc(); }

void* allocate_slowly(std::size_t bytes) {
  void* memory = try_allocate_slowly(bytes);
  if (memory == nullptr) throw_no_memory();
  return memory;
}

void deallocate_slowly(void* memory, std::size_t bytes) noexcept {
  std::size_t index = index_of(bytes);
  ThreadPool* pool = thread_has_ended ? own_pool : pool_of_thread();
  if (pool == nullptr) return give_to_all(index, memory);
  if (!is_heaps(index)) return pool->put(index, memory);
  pool->count_made(-1);
  ::operator delete(memory);
}

void* allocate_shared(std::size_t bytes) {
  void* memory = allocate(bytes);
  own_pool->count_shared(1);  // which made the block
  return memory;
}

void deallocate_shared(void* memory, std::size_t bytes) noexcept {
  deallocate(memory, bytes);
  if (own_pool != nullptr) [[likely]] {
    own_pool->count_shared(-1);
  } else {
    shared_of_ended.fetch_sub(1, std::memory_order_relaxed);
  }
}

void use_free_lists(bool use) {
  tries_heap = !use;
  ThreadPool* pool = use ? pool_of_thread() : nullptr;
  free_lists = pool != nullptr ? pool : &no_free_lists;
}

std::int64_t live_allocations() noexcept {
  std::int64_t sum =
      -in_depot.load(std::memory_order_relaxed) - shared_of_ended.load(std::memory_order_relaxed);
  for (ThreadPool* pool = all_pools.load(std::memory_order_acquire); pool != nullptr;
       pool = pool->next_pool) {
    sum +=
        pool->made.load(std::memory_order_relaxed) - pool->shared.load(std::memory_order_relaxed);
    for (const auto& count : pool->kept) sum -= count.load(std::memory_order_relaxed);
  }
  return sum;
}

}  // namespace heddle::detail
