// How a task ended, as the Python originals print it:
//     def end(t): return "cancelled" if t.cancelled() else repr(t.exception() or t.result())
#pragma once

#include <heddle/asyncio.h>

#include <string>
#include <vector>

#include "seed/print.h"

namespace parity {

template <class T>
std::string end(const heddle::asyncio::Future<T>& task) {
  if (!task.done()) return "pending";
  if (task.cancelled()) return "cancelled";
  if (std::exception_ptr exception = task.exception()) return heddle::repr(exception);
  if constexpr (std::is_void_v<T>) {
    return "None";
  } else {
    return repr(task.result());
  }
}

// The tasks as a list. A braced one inside of an await expression is nothing for g++ 12.
template <class First, class... Rest>
std::vector<First> list(const First& first, const Rest&... rest) {
  std::vector<First> all{first};
  (all.push_back(rest), ...);
  return all;
}

// [end(t) for t in tasks]
template <class Task>
std::vector<std::string> ends(const std::vector<Task>& tasks) {
  std::vector<std::string> all;
  for (const Task& task : tasks) all.push_back(end(task));
  return all;
}

// e.args of a CancelledError.
inline std::string args(const heddle::CancelledError& error) {
  std::string message = error.message();
  return message.empty() ? "()" : "('" + message + "',)";
}

}  // namespace parity

using parity::end;
