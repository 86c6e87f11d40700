// encode, decode: values as bytes, for what crosses from process to process.
//
//     struct Page { std::string url; std::vector<int> counts; };         // plain aggregates need
//     no declaration std::string bytes = multiprocessing::encode(Page{"a", {1, 2}}); Page page =
//     multiprocessing::decode<Page>(bytes);
//
// Known: numbers, enums, std::string, vector, array, pair, tuple, optional, variant, monostate, the
// standard maps and sets, and aggregates of up to 16 such members. Other classes give a function
//
//     template <class Archive> void serialize(Archive& archive, Money& money) {
//     archive(money.cents, money.currency); }
//
// beside them. The format is that of this machine and this build: for processes of one program, not
// for files. Decoding checks every length against the bytes that are left before it allocates.
#pragma once

#include <heddle/core/error.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace heddle::multiprocessing {

// Bytes that are not what decode() was asked for.
class DecodeError : public ValueError {
 public:
  using ValueError::ValueError;
};

// Appends values to a string of bytes.
class Encoder {
 public:
  static constexpr bool decodes = false;

  template <class... Ts>
  void operator()(const Ts&... values);
  void raw(const void* data, std::size_t size) {
    bytes_.append(static_cast<const char*>(data), size);
  }
  void size(std::size_t count) {
    std::uint64_t wide = count;
    raw(&wide, sizeof wide);
  }
  std::string take() noexcept { return std::move(bytes_); }

 private:
  std::string bytes_;
};

// Reads values from bytes, which must outlive it.
class Decoder {
 public:
  static constexpr bool decodes = true;

  explicit Decoder(std::string_view bytes) noexcept : rest_(bytes) {}
  template <class... Ts>
  void operator()(Ts&... values);
  void raw(void* data, std::size_t size) {
    if (size > rest_.size()) fail("the bytes end early");
    if (size > 0) std::memcpy(data, rest_.data(), size);
    rest_.remove_prefix(size);
  }
  // A number of elements of at least `each` bytes.
  std::size_t size(std::size_t each) {
    std::uint64_t wide = 0;
    raw(&wide, sizeof wide);
    if (wide > rest_.size() / (each == 0 ? 1 : each))
      fail("a length exceeds the bytes that are there");
    return static_cast<std::size_t>(wide);
  }
  std::size_t left() const noexcept { return rest_.size(); }
  [[noreturn]] static void fail(const std::string& why);

 private:
  std::string_view rest_;
};

namespace detail {

// Converts to anything: counts the members of an aggregate. Never called.
struct AnyMember {
  template <class T>
  constexpr operator T&() const& noexcept {
    __builtin_unreachable();
  }
  template <class T>
  constexpr operator T&&() const&& noexcept {
    __builtin_unreachable();
  }
};

template <class T, std::size_t... I>
constexpr bool takes_members(std::index_sequence<I...>) {
  return requires { T{((void)I, std::declval<AnyMember>())...}; };
}

constexpr std::size_t members_max = 16;

template <class T, std::size_t n = members_max>
constexpr std::size_t member_count() {
  if constexpr (takes_members<T>(std::make_index_sequence<n>())) {
    return n;
  } else if constexpr (n == 0) {
    return 0;
  } else {
    return member_count<T, n - 1>();
  }
}

// Calls function(members...) on an aggregate.
template <class T, class F>
void visit_members(T& object, F&& function) {
  constexpr std::size_t n = member_count<std::remove_const_t<T>>();
  // clang-format off
  if constexpr (n == 0) { function(); }
  else if constexpr (n == 1) { auto& [a] = object; function(a); }
  else if constexpr (n == 2) { auto& [a, b] = object; function(a, b); }
  else if constexpr (n == 3) { auto& [a, b, c] = object; function(a, b, c); }
  else if constexpr (n == 4) { auto& [a, b, c, d] = object; function(a, b, c, d); }
  else if constexpr (n == 5) { auto& [a, b, c, d, e] = object; function(a, b, c, d, e); }
  else if constexpr (n == 6) { auto& [a, b, c, d, e, f] = object; function(a, b, c, d, e, f); }
  else if constexpr (n == 7) { auto& [a, b, c, d, e, f, g] = object; function(a, b, c, d, e, f, g); }
  else if constexpr (n == 8) { auto& [a, b, c, d, e, f, g, h] = object; function(a, b, c, d, e, f, g, h); }
  else if constexpr (n == 9) { auto& [a, b, c, d, e, f, g, h, i] = object; function(a, b, c, d, e, f, g, h, i); }
  else if constexpr (n == 10) { auto& [a, b, c, d, e, f, g, h, i, j] = object; function(a, b, c, d, e, f, g, h, i, j); }
  else if constexpr (n == 11) { auto& [a, b, c, d, e, f, g, h, i, j, k] = object; function(a, b, c, d, e, f, g, h, i, j, k); }
  else if constexpr (n == 12) { auto& [a, b, c, d, e, f, g, h, i, j, k, l] = object; function(a, b, c, d, e, f, g, h, i, j, k, l); }
  else if constexpr (n == 13) { auto& [a, b, c, d, e, f, g, h, i, j, k, l, m] = object; function(a, b, c, d, e, f, g, h, i, j, k, l, m); }
  else if constexpr (n == 14) { auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, o] = object; function(a, b, c, d, e, f, g, h, i, j, k, l, m, o); }
  else if constexpr (n == 15) { auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, o, p] = object; function(a, b, c, d, e, f, g, h, i, j, k, l, m, o, p); }
  else { auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, o, p, q] = object; function(a, b, c, d, e, f, g, h, i, j, k, l, m, o, p, q); }
  // clang-format on
}

template <class T>
inline constexpr bool is_tuple = false;
template <class... Ts>
inline constexpr bool is_tuple<std::tuple<Ts...>> = true;
template <class A, class B>
inline constexpr bool is_tuple<std::pair<A, B>> = true;
template <class T>
inline constexpr bool is_array = false;
template <class T, std::size_t n>
inline constexpr bool is_array<std::array<T, n>> = true;
template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;
template <class T>
inline constexpr bool is_variant = false;
template <class... Ts>
inline constexpr bool is_variant<std::variant<Ts...>> = true;

template <class T, class Archive>
concept HasSerialize = requires(Archive& archive, T& object) { serialize(archive, object); };
template <class T>
concept Number = std::is_arithmetic_v<T> || std::is_enum_v<T>;
template <class T>
concept Container = requires(T& container) {
  typename T::value_type;
  container.begin();
  container.end();
  container.size();
  container.clear();
};
template <class T>
concept Mapping = Container<T> && requires { typename T::mapped_type; };
template <class T>
concept Bulk = Container<T> && Number<typename T::value_type> &&
               !std::is_same_v<typename T::value_type, bool> && requires(T& container) {
                 container.data();
                 container.resize(std::size_t());
               };
template <class T>
concept Plain = std::is_aggregate_v<T> && !std::is_array_v<T> && !std::is_union_v<T>;

template <class T>
constexpr bool is_encodable();

template <class T, std::size_t... I>
constexpr bool all_encodable(std::index_sequence<I...>) {
  return (is_encodable<std::remove_cv_t<std::tuple_element_t<I, T>>>() && ...);
}

template <class T>
constexpr bool is_encodable() {
  if constexpr (std::is_pointer_v<T> || std::is_reference_v<T> ||
                std::is_same_v<T, std::string_view>) {
    return false;
  } else if constexpr (HasSerialize<T, Encoder> || Number<T> || std::is_same_v<T, std::monostate>) {
    return true;
  } else if constexpr (is_tuple<T>) {
    return all_encodable<T>(std::make_index_sequence<std::tuple_size_v<T>>());
  } else if constexpr (is_array<T> || is_optional<T>) {
    return is_encodable<typename T::value_type>();
  } else if constexpr (is_variant<T>) {
    return []<class... Ts>(std::type_identity<std::variant<Ts...>>) {
      return (is_encodable<Ts>() && ...);
    }(std::type_identity<T>());
  } else if constexpr (Mapping<T>) {
    return is_encodable<typename T::key_type>() && is_encodable<typename T::mapped_type>();
  } else if constexpr (Container<T>) {
    return is_encodable<typename T::value_type>();
  } else {
    return Plain<T> && std::is_default_constructible_v<T>;
  }
}

template <class T>
void encode_value(Encoder& out, const T& value) {
  static_assert(is_encodable<T>(),
                "this type cannot be sent to another process: pointers, references and views stay "
                "in theirs; use values, "
                "or give the class a function serialize(archive, object)");
  if constexpr (HasSerialize<T, Encoder>) {
    serialize(out,
              const_cast<T&>(
                  value));  // one function for both directions, as in cereal; an Encoder only reads
  } else if constexpr (Number<T>) {
    out.raw(&value, sizeof value);
  } else if constexpr (std::is_same_v<T, std::monostate>) {
    // nothing to send
  } else if constexpr (is_tuple<T>) {
    std::apply([&](const auto&... members) { (encode_value(out, members), ...); }, value);
  } else if constexpr (is_array<T>) {
    for (const auto& element : value) encode_value(out, element);
  } else if constexpr (is_optional<T>) {
    encode_value(out, value.has_value());
    if (value) encode_value(out, *value);
  } else if constexpr (is_variant<T>) {
    if (value.valueless_by_exception())
      throw ValueError("a variant without a value cannot be sent to another process");
    encode_value(out, static_cast<std::uint32_t>(value.index()));
    std::visit([&](const auto& alternative) { encode_value(out, alternative); }, value);
  } else if constexpr (Bulk<T>) {
    out.size(value.size());
    out.raw(value.data(), value.size() * sizeof(typename T::value_type));
  } else if constexpr (Container<T>) {
    out.size(value.size());
    for (const auto& element : value) {
      if constexpr (Mapping<T>) {
        encode_value(out, element.first);
        encode_value(out, element.second);
      } else {
        encode_value(out, static_cast<const typename T::value_type&>(element));
      }
    }
  } else {
    visit_members(value, [&](const auto&... members) { (encode_value(out, members), ...); });
  }
}

template <class T>
void decode_value(Decoder& in, T& value);

template <class Variant, std::size_t... I>
void decode_variant(Decoder& in, Variant& value, std::size_t index, std::index_sequence<I...>) {
  bool known = ((index == I && (decode_value(in, value.template emplace<I>()), true)) || ...);
  if (!known) Decoder::fail("a variant has no such alternative");
}

template <class T>
void decode_value(Decoder& in, T& value) {
  if constexpr (HasSerialize<T, Decoder>) {
    serialize(in, value);
  } else if constexpr (std::is_same_v<T, bool>) {
    unsigned char byte = 0;
    in.raw(&byte, 1);
    if (byte > 1) Decoder::fail("a bool is neither true nor false");
    value = byte == 1;
  } else if constexpr (Number<T>) {
    in.raw(&value, sizeof value);
  } else if constexpr (std::is_same_v<T, std::monostate>) {
    // nothing was sent
  } else if constexpr (is_tuple<T>) {
    std::apply([&](auto&... members) { (decode_value(in, members), ...); }, value);
  } else if constexpr (is_array<T>) {
    for (auto& element : value) decode_value(in, element);
  } else if constexpr (is_optional<T>) {
    bool has_value = false;
    decode_value(in, has_value);
    value.reset();
    if (has_value) decode_value(in, value.emplace());
  } else if constexpr (is_variant<T>) {
    std::uint32_t index = 0;
    decode_value(in, index);
    decode_variant(in, value, index, std::make_index_sequence<std::variant_size_v<T>>());
  } else if constexpr (Bulk<T>) {
    value.resize(in.size(sizeof(typename T::value_type)));
    in.raw(value.data(), value.size() * sizeof(typename T::value_type));
  } else if constexpr (Mapping<T>) {
    value.clear();
    for (std::size_t left = in.size(1); left > 0; --left) {
      typename T::key_type key{};
      decode_value(in, key);
      typename T::mapped_type mapped{};
      decode_value(in, mapped);
      value.emplace(std::move(key), std::move(mapped));
    }
  } else if constexpr (Container<T>) {
    value.clear();
    for (std::size_t left = in.size(std::is_empty_v<typename T::value_type> ? 0 : 1); left > 0;
         --left) {
      typename T::value_type element{};
      decode_value(in, element);
      value.insert(value.end(), std::move(element));
    }
  } else {
    visit_members(value, [&](auto&... members) { (decode_value(in, members), ...); });
  }
}

}  // namespace detail

// True for types that encode() and decode() know. Members of aggregates are looked at when they are
// encoded.
template <class T>
inline constexpr bool is_encodable = detail::is_encodable<T>();

// The value as bytes. A type that cannot be sent is a compile-time error.
template <class T>
std::string encode(const T& value) {
  Encoder out;
  out(value);
  return out.take();
}

// The value of bytes that encode<T>() made. Throws DecodeError when they are something else, or
// more.
template <class T>
T decode(std::string_view bytes) {
  Decoder in(bytes);
  T value{};
  in(value);
  if (in.left() != 0) Decoder::fail("bytes are left over");
  return value;
}

template <class... Ts>
void Encoder::operator()(const Ts&... values) {
  (detail::encode_value(*this, values), ...);
}

template <class... Ts>
void Decoder::operator()(Ts&... values) {
  (detail::decode_value(*this, values), ...);
}

}  // namespace heddle::multiprocessing
