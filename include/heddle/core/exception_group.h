// ExceptionGroup: several exceptions at once.
//
// What a TaskGroup throws when tasks of it failed.
// Source: https://docs.python.org/3/library/exceptions.html#exception-groups
#pragma once

#include <heddle/core/error.h>

#include <string>
#include <vector>

namespace heddle {

class ExceptionGroup : public Error {
 public:
  // Throws ValueError "second argument (exceptions) must be a non-empty sequence".
  ExceptionGroup(const std::string& message, std::vector<std::exception_ptr> exceptions);

  // The text given to the constructor.
  const std::string& message() const noexcept { return message_; }
  // The exceptions, in the order in which they were added; an element may be a group itself.
  const std::vector<std::exception_ptr>& exceptions() const noexcept { return exceptions_; }
  // Python's str(): "message (2 sub-exceptions)". what() adds a line for each exception, groups
  // indented.
  std::string str() const;

 private:
  std::string message_;
  std::vector<std::exception_ptr> exceptions_;
};

}  // namespace heddle
