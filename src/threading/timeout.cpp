#include "threading/timeout.h"

#include <heddle/core/error.h>

namespace heddle::threading::detail {

Nanoseconds limit_of(bool blocking, Delay timeout) {
  constexpr Nanoseconds no_limit = -1'000'000'000;
  Nanoseconds limit = timeout.nanoseconds();
  if (limit == no_limit) return time_max;
  if (!blocking)
    throw ValueError("can't specify a timeout for a non-blocking call: leave one of them out");
  if (limit < 0)
    throw ValueError("timeout value must be a non-negative number (or -1 s for no limit)");
  return limit;
}

}  // namespace heddle::threading::detail
