#include <cxxabi.h>
#include <heddle/core/type_name.h>

#include <cstdlib>
#include <memory>

namespace heddle {

std::string type_name(const std::type_info& type) {
  struct Free {
    void operator()(char* text) const { std::free(text); }
  };
  int status = 0;
  std::unique_ptr<char, Free> text(abi::__cxa_demangle(type.name(), nullptr, nullptr, &status));
  std::string name = status == 0 ? text.get() : type.name();
  // What std::throw_with_nested() makes of a type.
  constexpr const char* nested = "std::_Nested_exception<";
  if (name.starts_with(nested))
    name = name.substr(std::string(nested).size(), name.size() - std::string(nested).size() - 1);
  if (name.starts_with("heddle::")) {
    // Modules are folders to the reader: "futures::CancelledError" says more than the bare name.
    name.erase(0, sizeof("heddle::") - 1);
  }
  return name;
}

std::string type_name(const std::exception_ptr& exception) {
  if (!exception) return "unknown exception";
  try {
    std::rethrow_exception(exception);
  } catch (...) {
    const std::type_info* type = abi::__cxa_current_exception_type();
    return type != nullptr ? type_name(*type) : "unknown exception";
  }
}

}  // namespace heddle
