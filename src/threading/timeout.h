// What the acquire(blocking, timeout) of the locks makes of its arguments.
#pragma once

#include <heddle/core/delay.h>

namespace heddle::threading::detail {

// The limit of a wait: time_max for exactly -1 s. Throws ValueError for another negative timeout,
// and for a timeout together with blocking false.
Nanoseconds limit_of(bool blocking, Delay timeout);

}  // namespace heddle::threading::detail
