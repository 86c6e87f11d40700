// A barrier that one side pays for.
//
// Two threads that each write a word and then read the other's need a barrier between the two
// steps, or both may read what was there before. Where one side runs all the time and the other is
// about to sleep, the kernel can make the barrier for both when the seldom side asks
// (membarrier(2)); the frequent side then keeps its two steps in the order of the program and pays
// nothing.
#pragma once

#include <atomic>

namespace heddle::core {

// Whether the kernel does that. Before the first call of arm_one_sided_barrier() and on kernels
// that do not, false: then the frequent side must make its own barrier, an atomic exchange.
inline constinit std::atomic<bool> barrier_is_one_sided{false};

// Asks the kernel, once. Thread-safe.
void arm_one_sided_barrier() noexcept;

// The seldom side, between its write and its read; both are of sequentially consistent order.
void barrier_for_all() noexcept;

// The frequent side, between its write and its read, when barrier_is_one_sided: keeps the compiler
// from changing their order.
inline void keep_order() noexcept { std::atomic_signal_fence(std::memory_order_seq_cst); }

}  // namespace heddle::core
