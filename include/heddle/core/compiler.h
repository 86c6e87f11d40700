// What the library must know about the compiler: the one place for `#if`.
#pragma once

#include <string_view>
#include <type_traits>

// Clang checks the use of locks (-Wthread-safety) by attributes that g++ does not know; g++ is to
// pass over them in silence.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored_attributes "clang::"
#endif

namespace heddle {

// g++ 12 destroys some temporaries twice when they are made inside an await expression: lambdas
// with captures that have destructors, and braced aggregates (GCC bugs 99576, 101976). Calls that
// are usually awaited in place refuse them there.
#if defined(__GNUC__) && !defined(__clang__) && __GNUC__ < 13
inline constexpr bool await_destroys_temporaries_twice = true;
#else
inline constexpr bool await_destroys_temporaries_twice = false;
#endif

// Whether [[clang::preserve_most]] does what it says.
#if defined(__clang__)
inline constexpr bool calls_can_save_registers = true;
#else
inline constexpr bool calls_can_save_registers = false;
#endif

// True in builds with AddressSanitizer: memory is not recycled there, so that a use after free is
// seen.
#if defined(__SANITIZE_ADDRESS__)
inline constexpr bool address_sanitizer = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
inline constexpr bool address_sanitizer = true;
#else
inline constexpr bool address_sanitizer = false;
#endif
#else
inline constexpr bool address_sanitizer = false;
#endif

// Tells the CPU that this thread is in a waiting loop.
#if defined(__x86_64__) || defined(__i386__)
inline void relax() noexcept { __builtin_ia32_pause(); }
#elif defined(__aarch64__)
inline void relax() noexcept { __asm__ __volatile__("yield"); }
#else
inline void relax() noexcept {}
#endif

namespace detail {

template <class T>
constexpr bool is_closure() {
  std::string_view name = __PRETTY_FUNCTION__;
  return name.find("lambda") != name.npos || name.find("anonymous class") != name.npos;
}

}  // namespace detail

// False for an argument that this compiler would destroy twice in `co_await call(argument)`. Arg is
// the deduced forwarding type: an lvalue (a name) is always safe.
template <class Arg>
inline constexpr bool safe_in_await =
    !await_destroys_temporaries_twice || std::is_lvalue_reference_v<Arg> ||
    std::is_trivially_destructible_v<Arg> ||
    !(std::is_aggregate_v<Arg> || detail::is_closure<Arg>());

}  // namespace heddle
