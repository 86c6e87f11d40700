#include <heddle/core/error.h>
#include <heddle/core/exception_group.h>
#include <heddle/core/type_name.h>

namespace heddle {

namespace {

// As Python's repr() of a text: in single quotes, or in double ones when it has only single ones.
std::string quoted(const std::string& text) {
  bool has_single = text.find('\'') != text.npos;
  char quote = has_single && text.find('"') == text.npos ? '"' : '\'';
  std::string result(1, quote);
  for (char c : text) {
    if (c == quote || c == '\\') {
      result += {'\\', c};
    } else if (c == '\n') {
      result += "\\n";
    } else if (c == '\r') {
      result += "\\r";
    } else if (c == '\t') {
      result += "\\t";
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      const char* digits = "0123456789abcdef";
      result += {'\\', 'x', digits[c / 16], digits[c % 16]};
    } else {
      result += c;
    }
  }
  return result + quote;
}

}  // namespace

std::string message_of(const std::exception_ptr& exception) {
  if (!exception) return {};
  try {
    std::rethrow_exception(exception);
  } catch (const std::exception& error) {
    return error.what();
  } catch (const CancelledError& cancelled) {
    return cancelled.message();
  } catch (const BaseExceptionGroup& group) {
    return group.tree();
  } catch (const SystemExit& exit) {
    return std::to_string(exit.code());
  } catch (const std::string& text) {
    return text;
  } catch (const char* text) {
    return text;
  } catch (...) {
    return {};
  }
}

std::string describe(const std::exception_ptr& exception) {
  std::string text = message_of(exception);
  std::string name = type_name(exception);
  return text.empty() ? name : name + ": " + text;
}

std::string repr(const std::exception_ptr& exception) {
  std::string name = type_name(exception);
  if (ExceptionGroupPtr group = as_group(exception)) {
    std::string inner;
    for (const std::exception_ptr& each : group->exceptions())
      inner += (inner.empty() ? "" : ", ") + repr(each);
    return name + "(" + quoted(group->message()) + ", [" + inner + "])";
  }
  std::string text = message_of(exception);
  if (text.empty()) return name + "()";
  return name + "(" + (detail::matches<SystemExit>(exception) ? text : quoted(text)) + ")";
}

}  // namespace heddle
