// ExceptionGroup: several exceptions at once, and the helper in the place of `except*`.
//
//     try {
//       co_await asyncio::with(asyncio::TaskGroup(), fetch_all);
//     } catch (...) {
//       heddle::except_star(
//           std::current_exception(),
//           heddle::on<TimeoutError>([](const auto& group) {
//           retry_later(group.exceptions().size()); }), heddle::on<ValueError, KeyError>([](const
//           auto& group) { log(group.what()); }));
//     }                                       // what no clause takes is thrown on
//
// Source: https://docs.python.org/3/library/exceptions.html#exception-groups
#pragma once

#include <heddle/core/error.h>

#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace heddle {

namespace detail {

// True when `exception` would be caught by one of catch (const E&).
template <class... E>
bool matches(const std::exception_ptr& exception) {
  auto matches_one = [&]<class One>(std::type_identity<One>) {
    try {
      std::rethrow_exception(exception);
    } catch (const One&) {
      return true;
    } catch (...) {
      return false;
    }
  };
  return (matches_one(std::type_identity<E>()) || ...);
}

// Asks whether an exception is meant.
class ExceptionPredicate {
 public:
  virtual bool operator()(const std::exception_ptr& exception) = 0;

 protected:
  ~ExceptionPredicate() = default;
};
template <class P>
class PredicateOf final : public ExceptionPredicate {
 public:
  explicit PredicateOf(P& predicate) noexcept : predicate_(predicate) {}
  bool operator()(const std::exception_ptr& exception) override { return predicate_(exception); }

 private:
  P& predicate_;
};

}  // namespace detail

class BaseExceptionGroup;

// A group, or nothing. What split() and subgroup() give.
using ExceptionGroupPtr = std::shared_ptr<const BaseExceptionGroup>;

// A group that may hold what is not an Exception: CancelledError, KeyboardInterrupt, SystemExit.
// Not a std::exception then; catch it by this type, or as ExceptionGroup if it holds none of those.
class BaseExceptionGroup {
 public:
  // Throws ValueError "second argument (exceptions) must be a non-empty sequence".
  BaseExceptionGroup(const std::string& message, std::vector<std::exception_ptr> exceptions);
  virtual ~BaseExceptionGroup();

  // The text given to the constructor.
  const std::string& message() const noexcept { return message_; }
  // The exceptions, in the order in which they were added; an element may be a group itself.
  const std::vector<std::exception_ptr>& exceptions() const noexcept { return exceptions_; }
  // Python's str(): "message (2 sub-exceptions)".
  std::string str() const;
  // str() and a line for each exception, groups indented.
  const std::string& tree() const noexcept { return tree_; }

  // A group of the same kind and message with other exceptions.
  ExceptionGroupPtr derive(std::vector<std::exception_ptr> exceptions) const;

  // The part of the tree that matches, with its nesting; null when nothing does. A match is an
  // exception, or a whole group, that catch (const E&) would take, or for which
  // predicate(exception_ptr) is true.
  template <class... E>
    requires(sizeof...(E) > 0)
  ExceptionGroupPtr subgroup() const {
    return split<E...>().first;
  }
  template <class P>
    requires std::is_invocable_r_v<bool, P&, const std::exception_ptr&>
  ExceptionGroupPtr subgroup(P predicate) const {
    return split(std::move(predicate)).first;
  }

  // The part that matches and the rest; either may be null.
  template <class... E>
    requires(sizeof...(E) > 0)
  std::pair<ExceptionGroupPtr, ExceptionGroupPtr> split() const {
    return split([](const std::exception_ptr& e) { return detail::matches<E...>(e); });
  }
  template <class P>
    requires std::is_invocable_r_v<bool, P&, const std::exception_ptr&>
  std::pair<ExceptionGroupPtr, ExceptionGroupPtr> split(P predicate) const {
    detail::PredicateOf<P> asked(predicate);
    return split_by(asked);
  }

  // Throws this group as what it is: an ExceptionGroup, or a BaseExceptionGroup.
  [[noreturn]] void raise() const;
  // Throws the one exception of a group that holds just one, at any depth; else the group.
  [[noreturn]] void raise_single() const;

 protected:
  std::pair<ExceptionGroupPtr, ExceptionGroupPtr> split_by(
      detail::ExceptionPredicate& predicate) const;
  virtual std::exception_ptr as_exception() const;

 private:
  std::string message_;
  std::vector<std::exception_ptr> exceptions_;
  std::string tree_;
};

// A group of Exceptions only. What a TaskGroup throws when tasks of it failed.
class ExceptionGroup : public Error, public BaseExceptionGroup {
 public:
  // Throws ValueError as BaseExceptionGroup, TypeError "Cannot nest BaseExceptions in an
  // ExceptionGroup". what() is the tree().
  ExceptionGroup(const std::string& message, std::vector<std::exception_ptr> exceptions);

 private:
  std::exception_ptr as_exception() const override;
};

// An ExceptionGroup of the exceptions, or a BaseExceptionGroup if one of them is not an Exception.
// Throws ValueError as their constructors.
ExceptionGroupPtr make_exception_group(const std::string& message,
                                       std::vector<std::exception_ptr> exceptions);

// The group that an exception is; null when it is none.
ExceptionGroupPtr as_group(const std::exception_ptr& exception);

namespace detail {

class ExceptClause {
 public:
  virtual std::pair<ExceptionGroupPtr, ExceptionGroupPtr> split(
      const BaseExceptionGroup& group) = 0;
  virtual void handle(const BaseExceptionGroup& group) = 0;

 protected:
  ~ExceptClause() = default;
};

template <class F, class... E>
class OnClause final : public ExceptClause {
 public:
  explicit OnClause(F function) : function_(std::move(function)) {}
  std::pair<ExceptionGroupPtr, ExceptionGroupPtr> split(const BaseExceptionGroup& group) override {
    return group.split<E...>();
  }
  void handle(const BaseExceptionGroup& group) override { function_(group); }

 private:
  F function_;
};

void run_except_star(const std::exception_ptr& exception, ExceptClause* const* clauses,
                     std::size_t count);

}  // namespace detail

// One clause of except_star(): function(const BaseExceptionGroup&) for what is one of E.
template <class... E, class F>
auto on(F function) {
  return detail::OnClause<F, E...>(std::move(function));
}

// Python's `except*`: each clause in turn gets the part of the exception that matches it, once; an
// exception that is no group counts as a group of itself. What no clause takes is thrown on, and
// so is what the clauses throw, together in a new group.
template <class... Clauses>
void except_star(const std::exception_ptr& exception, Clauses... clauses) {
  detail::ExceptClause* all[] = {&clauses...};
  detail::run_except_star(exception, all, sizeof...(Clauses));
}

}  // namespace heddle
