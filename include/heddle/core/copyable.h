// copyable<T>: whether a T can be copied, also where std::is_copy_constructible does not know.
#pragma once

#include <tuple>
#include <type_traits>
#include <utility>

namespace heddle {

template <class T>
constexpr bool is_copyable();

namespace detail {
template <class T>
inline constexpr bool tuple_copyable = std::is_copy_constructible_v<T>;
template <class... Ts>
inline constexpr bool tuple_copyable<std::tuple<Ts...>> = (is_copyable<Ts>() && ...);
template <class A, class B>
inline constexpr bool tuple_copyable<std::pair<A, B>> = is_copyable<A>() && is_copyable<B>();
}  // namespace detail

// Standard containers claim to be copyable whatever they hold; what they hold is asked here.
template <class T>
constexpr bool is_copyable() {
  if constexpr (requires { typename T::value_type; }) {
    if constexpr (std::is_same_v<typename T::value_type, T>) {
      return std::is_copy_constructible_v<T>;
    } else {
      return std::is_copy_constructible_v<T> && is_copyable<typename T::value_type>();
    }
  } else {
    return detail::tuple_copyable<T>;
  }
}

template <class T>
inline constexpr bool copyable = is_copyable<T>();

}  // namespace heddle
