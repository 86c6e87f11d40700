#include <heddle/futures/map_results.h>

#include <algorithm>

#include "core/futex.h"

namespace heddle::futures::detail {

MapLimits::MapLimits(const MapOptions& options)
    : chunksize_(options.chunksize),
      lazy_(options.buffersize.has_value()),
      ahead_max_(lazy_ ? *options.buffersize * options.chunksize : 0),
      deadline_(options.timeout ? core::deadline_after(options.timeout->nanoseconds()) : time_max) {
  if (chunksize_ < 1) throw ValueError("chunksize must be >= 1.");
  if (lazy_ && *options.buffersize < 1) throw ValueError("buffersize must be None or > 0");
  if (lazy_ && ahead_max_ / chunksize_ != *options.buffersize) ahead_max_ = SIZE_MAX;
}

bool MapLimits::room_for_more(std::size_t pending) const noexcept {
  return !lazy_ || pending + chunksize_ <= ahead_max_;
}

Nanoseconds MapLimits::time_left() const noexcept {
  if (deadline_ == time_max) return time_max;
  return std::max<Nanoseconds>(0, deadline_ - core::Kernel::monotonic_now());
}

}  // namespace heddle::futures::detail
