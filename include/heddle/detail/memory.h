// Memory of what is made and destroyed all the time: coroutine frames, tasks, handles, jobs.
//
// Free blocks are kept in lists by size, one set a thread, so that most allocations are a load and
// two stores. See docs/decisions/0018-memory-of-coroutines.md.
#pragma once

#include <heddle/core/compiler.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <new>

namespace heddle::detail {

// Free memory of one thread, by size in steps of 16 bytes; blocks are small, and most programs use
// few sizes.
struct FreeLists {
  struct Block {
    Block* next;
  };
  static constexpr std::size_t step = 16;
  static constexpr std::size_t largest = 4096;
  static constexpr std::size_t classes = largest / step + 1;

  Block* free[classes] = {};
  // Blocks in the lists; written by its thread only, read by the census from another.
  std::atomic<std::uint32_t> kept[classes] = {};
  // What a list keeps at most: as many as its thread has once needed, and a few to hand on
  // together. A thread that only frees what others allocate does not collect memory without end.
  std::uint32_t kept_max[classes] = {};

  void count_kept(std::size_t index, std::uint32_t change) noexcept {
    kept[index].store(kept[index].load(std::memory_order_relaxed) + change,
                      std::memory_order_relaxed);
  }
};

// Those of a thread that has none yet: nothing is in them, and they keep nothing.
inline constinit FreeLists no_free_lists;
[[gnu::tls_model("initial-exec")]] inline constinit thread_local FreeLists* free_lists =
    &no_free_lists;

void* allocate_slowly(std::size_t bytes);
void deallocate_slowly(void* memory, std::size_t bytes) noexcept;
// As allocate_slowly(); null when there is no memory.
void* try_allocate_slowly(std::size_t bytes) noexcept;
[[noreturn]] void throw_no_memory();

// The same, and where the compiler can, all registers stay as they are: then who calls it needs to
// save none on the usual way, which passes by. `saves` makes that a part of the name, since caller
// and callee must be of one mind.
template <bool saves = calls_can_save_registers>
[[gnu::noinline, gnu::cold]] void* allocate_aside(std::size_t bytes) noexcept
    [[clang::preserve_most]] {
  return try_allocate_slowly(bytes);
}

// Memory aligned for every fundamental type. Thread-safe; memory may be freed on another thread
// than the one that allocated it. Throws std::bad_alloc. REQUIRES: bytes > 0
inline void* allocate(std::size_t bytes) {
  std::size_t index = (bytes + FreeLists::step - 1) / FreeLists::step;
  if (address_sanitizer || index >= FreeLists::classes) return allocate_slowly(bytes);
  FreeLists& lists = *free_lists;
  FreeLists::Block* block = lists.free[index];
  if (block == nullptr) [[unlikely]] {
    void* memory = allocate_aside(bytes);
    if (memory == nullptr) throw_no_memory();
    return memory;
  }
  lists.free[index] = block->next;
  lists.count_kept(index, ~std::uint32_t{0});
  return block;
}

inline void deallocate(void* memory, std::size_t bytes) noexcept {
  std::size_t index = (bytes + FreeLists::step - 1) / FreeLists::step;
  if (address_sanitizer || index >= FreeLists::classes) return deallocate_slowly(memory, bytes);
  FreeLists& lists = *free_lists;
  if (lists.kept[index].load(std::memory_order_relaxed) >= lists.kept_max[index]) {
    return deallocate_slowly(memory, bytes);
  }
  auto* block = static_cast<FreeLists::Block*>(memory);
  block->next = lists.free[index];
  lists.free[index] = block;
  lists.count_kept(index, 1);
}

// For tests that let allocations fail: false makes each allocate() of this thread ask the global
// heap, too.
void use_free_lists(bool use);

// Memory blocks of this kind in use in the whole process, but for those that threads share; for the
// census of tests.
std::int64_t live_allocations() noexcept;

// As allocate() and deallocate(), for what threads pass to each other, from lists of its own. The
// census leaves it out: a thread may drop its share at any time after another has seen the result.
void* allocate_shared(std::size_t bytes);
void deallocate_shared(void* memory, std::size_t bytes) noexcept;

// Base of classes whose objects come from allocate().
struct Pooled {
  static void* operator new(std::size_t bytes) { return allocate(bytes); }
  static void* operator new(std::size_t bytes, std::align_val_t alignment) {
    return ::operator new(bytes, alignment);
  }
  static void operator delete(void* memory, std::size_t bytes) noexcept {
    deallocate(memory, bytes);
  }
  // Without the size: only so it is also the one for a constructor that throws.
  static void operator delete(void* memory, std::align_val_t alignment) noexcept {
    ::operator delete(memory, alignment);
  }
};

// Base of classes whose objects come from allocate_shared().
struct SharedPooled {
  static void* operator new(std::size_t bytes) { return allocate_shared(bytes); }
  static void* operator new(std::size_t bytes, std::align_val_t alignment) {
    return ::operator new(bytes, alignment);
  }
  static void operator delete(void* memory, std::size_t bytes) noexcept {
    deallocate_shared(memory, bytes);
  }
  // Without the size: only so it is also the one for a constructor that throws.
  static void operator delete(void* memory, std::align_val_t alignment) noexcept {
    ::operator delete(memory, alignment);
  }
};

}  // namespace heddle::detail
