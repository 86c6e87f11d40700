// Python's print() for the twins: values separated by spaces, as Python's str() shows them.
#pragma once

#include <heddle/core/error.h>

#include <charconv>
#include <cstdio>
#include <exception>
#include <optional>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

namespace parity {

inline std::string str(bool value) { return value ? "True" : "False"; }
inline std::string str(const std::string& text) { return text; }
inline std::string str(const char* text) { return text; }
inline std::string str(std::monostate) { return "None"; }
inline std::string str(std::nullopt_t) { return "None"; }
inline std::string str(const std::exception_ptr& exception) { return heddle::repr(exception); }
inline std::string str(const std::exception& error) { return error.what(); }
template <class T>
  requires(std::is_integral_v<T> && !std::is_same_v<T, bool>)
std::string str(T value) {
  return std::to_string(value);
}
// The shortest digits that give the number back, with a point.
inline std::string str(double value) {
  char text[32];
  auto end = std::to_chars(text, text + sizeof text, value).ptr;
  std::string digits(text, end);
  return digits.find_first_of(".en") == digits.npos ? digits + ".0" : digits;
}
template <class T>
std::string str(const std::optional<T>& value) {
  return value ? str(*value) : "None";
}

template <class T>
std::string str(const std::vector<T>& values);
template <class... Ts>
std::string str(const std::tuple<Ts...>& values);

// As Python's repr(): strings in quotes, double ones when there are single ones inside.
template <class T>
std::string repr(const T& value) {
  if constexpr (std::is_convertible_v<T, std::string>) {
    std::string text(value);
    const char* quote = text.find('\'') != text.npos && text.find('"') == text.npos ? "\"" : "'";
    return quote + text + quote;
  } else {
    return str(value);
  }
}
template <class T>
std::string str(const std::vector<T>& values) {
  std::string text = "[";
  for (const T& value : values) text += (text.size() > 1 ? ", " : "") + repr(value);
  return text + "]";
}
template <class... Ts>
std::string str(const std::tuple<Ts...>& values) {
  std::string text = "(";
  std::apply(
      [&](const auto&... each) { ((text += (text.size() > 1 ? ", " : "") + repr(each)), ...); },
      values);
  return text + (sizeof...(Ts) == 1 ? ",)" : ")");
}

template <class... Ts>
void print(const Ts&... values) {
  std::string line;
  const char* space = "";
  ((line += space, line += str(values), space = " "), ...);
  std::puts(line.c_str());
  std::fflush(stdout);
}

}  // namespace parity

using parity::print;
