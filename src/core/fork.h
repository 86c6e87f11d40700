// What the library does around fork(). A child has only the thread that called it: locks that other
// threads held are nobody's, and whoever waited is gone.
#pragma once

#include <atomic>
#include <cstdint>

namespace heddle::core {

// Which process this is: 0 at first, one more in each child. Thread-safe.
std::uint32_t fork_generation() noexcept;

// A part of the library that has to be whole when the process is copied. before() is called last
// registered first, the others in the order of registration, all on the thread that forks.
class ForkHandler {
 public:
  virtual void before() noexcept = 0;
  virtual void after_in_parent() noexcept = 0;
  virtual void after_in_child() noexcept = 0;

 protected:
  ~ForkHandler() = default;
};

// Registers a handler that is never destroyed. At most 16, while the program has one thread or at
// least does not fork.
void add_fork_handler(ForkHandler& handler) noexcept;

}  // namespace heddle::core
