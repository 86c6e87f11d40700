#include <heddle/detail/frame.h>

#include <heddle/core/compiler.h>

#include <atomic>
#include <new>
#include <utility>

namespace heddle::detail {

namespace {

struct ThreadPool;
std::atomic<ThreadPool*> all_pools{nullptr};

// The lists of one thread. Pools are never freed but passed on, so that the census can walk them at
// any time.
struct ThreadPool : FreeLists {
  ThreadPool* next_pool = nullptr;
  std::atomic<bool> in_use{true};

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

// Gives the memory of a thread back when it ends.
struct ThreadEnd {
  ~ThreadEnd() {
    auto* pool = static_cast<ThreadPool*>(free_lists);
    if (pool == nullptr) return;
    pool->release_all();
    free_lists = nullptr;  // what destructors free after this makes a pool of its own
    pool->in_use.store(false, std::memory_order_release);
  }
};

FreeLists& lists_of_thread() {
  if (free_lists == nullptr) {
    free_lists = claim_pool();
    static thread_local ThreadEnd at_thread_end;
    static_cast<void>(at_thread_end);
  }
  return *free_lists;
}

}  // namespace

void* allocate_slowly(std::size_t bytes) {
  FreeLists& lists = lists_of_thread();
  std::size_t index = (bytes + FreeLists::step - 1) / FreeLists::step;
  bool listed = !address_sanitizer && index < FreeLists::classes;
  void* memory = ::operator new(listed ? index * FreeLists::step : bytes);
  lists.count(1);
  return memory;
}

void deallocate_slowly(void* memory, std::size_t) noexcept {
  lists_of_thread().count(-1);
  ::operator delete(memory);
}

void use_free_lists(bool use) {
  static constinit thread_local FreeLists* regular = nullptr;
  static constinit thread_local ThreadPool* bare = nullptr;
  if (use) {
    if (regular != nullptr) free_lists = regular;
    return;
  }
  if (bare == nullptr) {
    regular = &lists_of_thread();
    bare = claim_pool();
    bare->release_all();
    for (std::uint32_t& kept : bare->kept) kept = FreeLists::kept_max;  // full: takes nothing in
  }
  free_lists = bare;
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
