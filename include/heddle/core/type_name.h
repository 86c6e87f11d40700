// Readable names of C++ types, for messages.
#pragma once

#include <exception>
#include <string>
#include <typeinfo>

namespace heddle {

// The demangled name of a type, without the namespaces that start with "heddle::". Thread-safe.
std::string type_name(const std::type_info& type);

// The demangled name of an exception's type: "ValueError". "unknown exception" for a null pointer.
// Thread-safe.
std::string type_name(const std::exception_ptr& exception);

}  // namespace heddle
