// Exceptions that cross from process to process.
#pragma once

#include <heddle/core/error.h>

#include <string>
#include <string_view>

namespace heddle::multiprocessing {

// The text of an exception as the other process saw it: nested in the exception that is thrown
// here, as Python's __cause__.
class RemoteTraceback : public Error {
 public:
  using Error::Error;
};

// An exception of a type that has no counterpart here; its name and text are in what().
class RemoteError : public RuntimeError {
 public:
  using RuntimeError::RuntimeError;
};

// An exception as bytes, and back. Errors of heddle and of the standard library keep their type and
// text, std::system_error its code; any other becomes a RemoteError. What comes back has a
// RemoteTraceback nested in it (std::rethrow_if_nested()).
std::string encode_exception(const std::exception_ptr& exception);
std::exception_ptr decode_exception(std::string_view bytes);

}  // namespace heddle::multiprocessing
