#include <heddle/core/exception_group.h>

namespace heddle {

namespace {

std::string headline(const std::string& message, std::size_t count) {
  return message + " (" + std::to_string(count) +
         (count == 1 ? " sub-exception)" : " sub-exceptions)");
}

// One line an exception; the lines of a nested group follow it, further in.
std::string tree(const std::string& message, const std::vector<std::exception_ptr>& exceptions) {
  std::string text = headline(message, exceptions.size());
  for (const std::exception_ptr& exception : exceptions) {
    std::string entry = describe(exception);
    for (std::size_t at = 0; (at = entry.find('\n', at)) != entry.npos; at += 3)
      entry.replace(at, 1, "\n  ");
    text += "\n  " + entry;
  }
  return text;
}

}  // namespace

ExceptionGroup::ExceptionGroup(const std::string& message,
                               std::vector<std::exception_ptr> exceptions)
    : Error(tree(message, exceptions)), message_(message), exceptions_(std::move(exceptions)) {
  if (exceptions_.empty())
    throw ValueError("second argument (exceptions) must be a non-empty sequence");
}

std::string ExceptionGroup::str() const { return headline(message_, exceptions_.size()); }

}  // namespace heddle
