// The untyped part of a SimpleQueue: a chain of nodes, who may take from it, who sleeps.
#pragma once

#include <heddle/queue/detail/queue_core.h>

#include <cstddef>
#include <memory>

namespace heddle::queue::detail {

struct SimpleNode {
  SimpleNode* next = nullptr;
};

struct SimpleState;

class SimpleCore {
 public:
  SimpleCore();
  ~SimpleCore();
  SimpleCore(const SimpleCore&) = delete;  // waiting threads point at it
  SimpleCore& operator=(const SimpleCore&) = delete;

  // Takes the node over. Lock-free and async-signal-safe.
  void put(SimpleNode& node) noexcept;
  std::size_t size() const noexcept;
  // Nobody else may be here: any node, or null when there is none.
  SimpleNode* take_any() noexcept;

  // The right to take the oldest node, made by waiting for it.
  class Passage {
   public:
    // Throws Empty, CancelledError, ValueError for a negative timeout.
    Passage(SimpleCore& core, const Wait& wait);
    Passage(const Passage&) = delete;
    Passage& operator=(const Passage&) = delete;
    // Not completed: the node stays.
    ~Passage() {
      if (!done_) leave();
    }
    SimpleNode& front() noexcept;
    // Takes it out; it is the caller's. Call once.
    SimpleNode& complete() noexcept;

   private:
    void wait_for_turn(const Wait& wait);
    bool sleep(const Wait& wait, Nanoseconds deadline);
    void leave() noexcept;

    SimpleState& state_;
    bool slept_ = false;
    bool done_ = false;
  };

 private:
  std::unique_ptr<SimpleState> state_;
};

}  // namespace heddle::queue::detail
