// RemoteCall: a function of this program and its arguments, as bytes that another process of the
// same program can run.
//
// A function travels as its offset from the start of the program's image together with the
// program's build-id, so that the other side runs the same function or refuses. Functions and
// callables without state can travel; a lambda with captures cannot: what it captured would have to
// be sent as well, so pass it as arguments.
#pragma once

#include <heddle/multiprocessing/codec.h>

#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

namespace heddle::multiprocessing {

// What runs a call in the other process: reads the arguments, writes the result.
using RemoteEntry = void (*)(Decoder& arguments, Encoder& result);

namespace detail {

// The place of a function in the program's image; throws TypeError for one that is not in the
// program itself.
std::uint64_t offset_of(const void* code);
// The function at an offset; throws DecodeError unless it lies in the program's code.
const void* at_offset(std::uint64_t offset);

template <class F>
constexpr bool can_travel() {
  return std::is_pointer_v<F> || (std::is_empty_v<F> && std::is_default_constructible_v<F>);
}

template <class F, class... Args>
void run_entry(Decoder& in, Encoder& out) {
  std::tuple<Args...> arguments;
  auto call = [&](auto& function) {
    using R = std::invoke_result_t<F, Args...>;
    std::apply([&](auto&... each) { in(each...); }, arguments);
    if constexpr (std::is_void_v<R>) {
      std::apply(function, std::move(arguments));
    } else {
      out(static_cast<const std::decay_t<R>&>(std::apply(function, std::move(arguments))));
    }
  };
  if constexpr (std::is_pointer_v<F>) {
    std::uint64_t offset = 0;
    in(offset);
    auto function = reinterpret_cast<F>(const_cast<void*>(at_offset(offset)));
    call(function);
  } else {
    F function;
    call(function);
  }
}

}  // namespace detail

class RemoteCall {
 public:
  // The call function(args...). The arguments are encoded now.
  template <class F, class... Args>
  static RemoteCall make(const F& function, const Args&... args) {
    static_assert(detail::can_travel<F>(),
                  "a lambda with captures cannot be sent to another process: pass what it captures "
                  "as arguments, "
                  "submit([](int x) { ... }, x), or use a function");
    static_assert((is_encodable<Args> && ...),
                  "an argument cannot be sent to another process: pointers, references and views "
                  "stay in theirs; use "
                  "values, or give the class a function serialize(archive, object)");
    Encoder out;
    if constexpr (std::is_pointer_v<F>)
      out(detail::offset_of(reinterpret_cast<const void*>(function)));
    out(args...);
    RemoteEntry entry = &detail::run_entry<F, Args...>;
    return RemoteCall(detail::offset_of(reinterpret_cast<const void*>(entry)), out.take());
  }

  // As it travels.
  std::string encode() const;
  // Runs the call that `bytes` describe, and gives the encoded result. Throws what the call throws,
  // and DecodeError for bytes of another program or build.
  static std::string run(std::string_view bytes);

 private:
  RemoteCall(std::uint64_t entry, std::string arguments)
      : entry_(entry), arguments_(std::move(arguments)) {}

  std::uint64_t entry_;
  std::string arguments_;
};

}  // namespace heddle::multiprocessing
