#include <heddle/core/exception_group.h>

#include <algorithm>

namespace heddle {

namespace {

std::string headline(const std::string& message, std::size_t count) {
  return message + " (" + std::to_string(count) +
         (count == 1 ? " sub-exception)" : " sub-exceptions)");
}

// One line an exception; the lines of a nested group follow it, further in.
std::string draw(const std::string& message, const std::vector<std::exception_ptr>& exceptions) {
  std::string text = headline(message, exceptions.size());
  for (const std::exception_ptr& exception : exceptions) {
    std::string entry = describe(exception);
    for (std::size_t at = 0; (at = entry.find('\n', at)) != entry.npos; at += 3)
      entry.replace(at, 1, "\n  ");
    text += "\n  " + entry;
  }
  return text;
}

// True for what Python keeps outside of Exception.
bool is_base_exception(const std::exception_ptr& exception) {
  if (detail::matches<CancelledError, KeyboardInterrupt, SystemExit, GeneratorExit>(exception))
    return true;
  return detail::matches<BaseExceptionGroup>(exception) &&
         !detail::matches<ExceptionGroup>(exception);
}

}  // namespace

BaseExceptionGroup::BaseExceptionGroup(const std::string& message,
                                       std::vector<std::exception_ptr> exceptions)
    : message_(message), exceptions_(std::move(exceptions)), tree_(draw(message, exceptions_)) {
  if (exceptions_.empty())
    throw ValueError("second argument (exceptions) must be a non-empty sequence");
}

BaseExceptionGroup::~BaseExceptionGroup() = default;

std::string BaseExceptionGroup::str() const { return headline(message_, exceptions_.size()); }

ExceptionGroupPtr BaseExceptionGroup::derive(std::vector<std::exception_ptr> exceptions) const {
  return make_exception_group(message_, std::move(exceptions));
}

std::exception_ptr BaseExceptionGroup::as_exception() const {
  return std::make_exception_ptr(*this);
}

void BaseExceptionGroup::raise() const { std::rethrow_exception(as_exception()); }

void BaseExceptionGroup::raise_single() const {
  if (exceptions_.size() == 1) {
    if (ExceptionGroupPtr inner = as_group(exceptions_.front())) inner->raise_single();
    std::rethrow_exception(exceptions_.front());
  }
  raise();
}

std::pair<ExceptionGroupPtr, ExceptionGroupPtr> BaseExceptionGroup::split_by(
    detail::ExceptionPredicate& predicate) const {
  std::exception_ptr whole = as_exception();
  if (predicate(whole)) return {as_group(whole), nullptr};
  std::vector<std::exception_ptr> matching;
  std::vector<std::exception_ptr> rest;
  for (const std::exception_ptr& exception : exceptions_) {
    ExceptionGroupPtr inner = as_group(exception);
    if (!inner) {
      (predicate(exception) ? matching : rest).push_back(exception);
      continue;
    }
    auto [inner_matching, inner_rest] = inner->split_by(predicate);
    if (inner_matching) matching.push_back(inner_matching->as_exception());
    if (inner_rest) rest.push_back(inner_rest->as_exception());
  }
  return {matching.empty() ? nullptr : derive(std::move(matching)),
          rest.empty() ? nullptr : derive(std::move(rest))};
}

ExceptionGroup::ExceptionGroup(const std::string& message,
                               std::vector<std::exception_ptr> exceptions)
    : Error(draw(message, exceptions)), BaseExceptionGroup(message, std::move(exceptions)) {
  for (const std::exception_ptr& each : this->exceptions()) {
    if (is_base_exception(each))
      throw TypeError("Cannot nest BaseExceptions in an ExceptionGroup: " + describe(each));
  }
}

std::exception_ptr ExceptionGroup::as_exception() const { return std::make_exception_ptr(*this); }

ExceptionGroupPtr make_exception_group(const std::string& message,
                                       std::vector<std::exception_ptr> exceptions) {
  bool base = std::any_of(exceptions.begin(), exceptions.end(), is_base_exception);
  if (base) return std::make_shared<BaseExceptionGroup>(message, std::move(exceptions));
  return std::make_shared<ExceptionGroup>(message, std::move(exceptions));
}

ExceptionGroupPtr as_group(const std::exception_ptr& exception) {
  if (!exception) return nullptr;
  try {
    std::rethrow_exception(exception);
  } catch (const ExceptionGroup& group) {
    return std::make_shared<ExceptionGroup>(group);
  } catch (const BaseExceptionGroup& group) {
    return std::make_shared<BaseExceptionGroup>(group);
  } catch (...) {
    return nullptr;
  }
}

void detail::run_except_star(const std::exception_ptr& exception, ExceptClause* const* clauses,
                             std::size_t count) {
  if (!exception) return;
  ExceptionGroupPtr given = as_group(exception);
  ExceptionGroupPtr rest = given ? given : make_exception_group("", {exception});
  std::vector<std::exception_ptr> raised;
  for (std::size_t i = 0; i < count && rest; ++i) {
    auto [matching, remaining] = clauses[i]->split(*rest);
    if (!matching) continue;
    rest = remaining;
    try {
      clauses[i]->handle(*matching);
    } catch (...) {
      raised.push_back(std::current_exception());
    }
  }
  if (raised.empty()) {
    if (!rest) return;
    if (!given) std::rethrow_exception(exception);  // as it came, without a wrapping
    rest->raise();
  }
  if (rest) {
    try {
      rest->raise();
    } catch (...) {
      raised.push_back(std::current_exception());
    }
  }
  make_exception_group("", std::move(raised))->raise();
}

}  // namespace heddle
