#include "core/spin.h"

#include <cstdlib>

#include "core/cpu_count.h"

namespace heddle::core {

namespace {

Nanoseconds read_limit() noexcept {
  if (has_one_cpu()) return 0;
  constexpr Nanoseconds microsecond = 1'000, longest = 1'000'000;
  const char* text = std::getenv("HEDDLE_SPIN_US");
  if (text == nullptr || *text == '\0') return 20 * microsecond;
  char* end = nullptr;
  long long wanted = std::strtoll(text, &end, 10);
  if (*end != '\0' || wanted < 0) return 20 * microsecond;
  return wanted > longest ? longest * microsecond : wanted * microsecond;
}

}  // namespace

bool has_one_cpu() noexcept {
  static const bool one = cpu_count() < 2;
  return one;
}

Nanoseconds default_spin_limit() noexcept {
  static const Nanoseconds limit = read_limit();
  return limit;
}

Spin& Spin::of_thread() noexcept {
  static thread_local Spin spin;
  return spin;
}

}  // namespace heddle::core
