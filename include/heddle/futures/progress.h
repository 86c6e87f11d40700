// Progress: how far a piece of long work is.
#pragma once

#include <cstddef>
#include <optional>

namespace heddle::futures {

struct Progress {
  std::size_t done = 0;
  std::optional<std::size_t> total{};  // none: not known, as the work has no known end
};

}  // namespace heddle::futures
