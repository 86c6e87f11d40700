// copyable<T>: whether a T can be copied, also where std::is_copy_constructible does not know.
#pragma once

#include <type_traits>

namespace heddle {

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
    return std::is_copy_constructible_v<T>;
  }
}

template <class T>
inline constexpr bool copyable = is_copyable<T>();

}  // namespace heddle
