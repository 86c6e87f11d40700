#include "core/one_sided_barrier.h"

#include <linux/membarrier.h>

#include "core/kernel.h"

namespace heddle::core {

void arm_one_sided_barrier() noexcept {
  static const bool asked = [] {
    bool given = Kernel::membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED) == 0;
    barrier_is_one_sided.store(given, std::memory_order_release);
    return true;
  }();
  static_cast<void>(asked);
}

void barrier_for_all() noexcept {
  // It fails only where it was not given, and there the other side makes its own barrier.
  if (barrier_is_one_sided.load(std::memory_order_acquire))
    Kernel::membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED);
}

}  // namespace heddle::core
