// How many CPUs this process may run on.
#pragma once

namespace heddle::core {

// At least 1; follows the process's affinity.
int cpu_count() noexcept;

}  // namespace heddle::core
