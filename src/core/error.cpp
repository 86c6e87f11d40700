#include <heddle/core/error.h>
#include <heddle/core/exception_group.h>
#include <heddle/core/type_name.h>

namespace heddle {

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
  std::string text = message_of(exception);
  std::string name = type_name(exception);
  return text.empty() ? name + "()" : name + "('" + text + "')";
}

}  // namespace heddle
