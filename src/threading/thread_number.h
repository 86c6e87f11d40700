// A number for each thread that is never used again, unlike the address that get_ident() gives.
#pragma once

#include <cstdint>

namespace heddle::threading::detail {

// Not 0. Thread-safe.
std::uint64_t this_thread_number() noexcept;

}  // namespace heddle::threading::detail
