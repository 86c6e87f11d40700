// The errors of heddle, under the names that Python gives them.
//
//     try { ... } catch (const heddle::TimeoutError& error) { ... }     // one kind
//     try { ... } catch (const heddle::Error& error) { ... }            // everything below
//     Exception
//
// What Python keeps outside Exception stays outside std::exception here: CancelledError,
// GeneratorExit, KeyboardInterrupt and SystemExit, so that `catch (const std::exception&)` never
// swallows a cancellation. Source: https://docs.python.org/3/library/exceptions.html
#pragma once

#include <exception>
#include <stdexcept>
#include <string>

namespace heddle {

// Root of the errors that a program is expected to handle: Python's Exception.
class Error : public std::exception {
 public:
  // message: Python's words first, then which object, then what to do.
  explicit Error(const std::string& message) : message_(message) {}
  const char* what() const noexcept override { return message_.what(); }

 private:
  std::runtime_error message_;  // copies without throwing, as an exception must
};

// A call that this object or thread cannot serve in its present state.
class RuntimeError : public Error {
 public:
  using Error::Error;
};

// A value outside the range that the call accepts.
class ValueError : public Error {
 public:
  using Error::Error;
};

// A value of a kind that the call does not accept.
class TypeError : public Error {
 public:
  using Error::Error;
};

// A key that is not there.
class KeyError : public Error {
 public:
  using Error::Error;
};

// A name that is not there: ContextVar::get() of a variable without value and default.
class LookupError : public Error {
 public:
  using Error::Error;
};

// A division by zero, for programs that report it as Python does.
class ZeroDivisionError : public Error {
 public:
  using Error::Error;
};

// A rule that the caller broke, where Python asserts.
class AssertionError : public Error {
 public:
  using Error::Error;
};

// A deadline passed. The one type for asyncio, futures and threading, as in Python since 3.11.
class TimeoutError : public Error {
 public:
  TimeoutError() : Error("") {}
  using Error::Error;
};

// A result asked for too early, or set twice.
class InvalidStateError : public Error {
 public:
  using Error::Error;
};

// The end of an async iterator: what anext() throws after the last item.
class StopAsyncIteration : public Error {
 public:
  StopAsyncIteration() : Error("") {}
};

// An executor that can take no more work because it broke.
class BrokenExecutor : public RuntimeError {
 public:
  using RuntimeError::RuntimeError;
};

// Thrown at the await of a cancelled task. Let it pass, or rethrow it after cleaning up.
// Not a std::exception: a broad handler must not stop a cancellation.
class CancelledError final {
 public:
  CancelledError() noexcept : message_("") {}
  explicit CancelledError(const std::string& message) : message_(message) {}

  // The text given to cancel(), empty when there was none.
  const char* message() const noexcept { return message_.what(); }

 private:
  std::runtime_error message_;
};

// Thrown at the `co_yield` of an async generator that is being closed. Not a std::exception.
class GeneratorExit final {};

// Ctrl-C reached the program. Not a std::exception.
class KeyboardInterrupt final {};

// Ends the process (from main or a child process) or the thread with this code. Not a
// std::exception.
class SystemExit final {
 public:
  explicit SystemExit(int code = 0) noexcept : code_(code) {}
  int code() const noexcept { return code_; }

 private:
  int code_;
};

// The exception as Python prints it in a traceback's last line: "ValueError: boom", or "ValueError"
// when it carries no text. Types of namespace heddle lose that prefix. Thread-safe.
std::string describe(const std::exception_ptr& exception);

// The exception as Python's repr() shows it: "ValueError('boom')". Thread-safe.
std::string repr(const std::exception_ptr& exception);

// The text that an exception carries: what(), or the message of a CancelledError. Thread-safe.
std::string message_of(const std::exception_ptr& exception);

}  // namespace heddle
