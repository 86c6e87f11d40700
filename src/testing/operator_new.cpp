// Allocations that may fail: replaces the global operator new of a program that explores worlds.
#include "testing/allocation_faults.h"

#include <cstdlib>
#include <new>

using heddle::testing::AllocationFaults;
using heddle::testing::faults_of_thread;

void* operator new(std::size_t bytes) {
  if (AllocationFaults* faults = faults_of_thread) {
    faults_of_thread = nullptr;  // the decision may allocate itself
    bool fails = faults->fails();
    faults_of_thread = faults;
    if (fails) throw std::bad_alloc();
  }
  void* memory = std::malloc(bytes == 0 ? 1 : bytes);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept {
  try {
    return operator new(bytes);
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

// The standard library's call those above; AddressSanitizer's do not.
void* operator new[](std::size_t bytes) { return operator new(bytes); }
void* operator new[](std::size_t bytes, const std::nothrow_t& tag) noexcept {
  return operator new(bytes, tag);
}
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }

// AddressSanitizer brings definitions of its own that give way to these, but only if something asks
// for this file.
void heddle::testing::bring_operator_new() noexcept {}
