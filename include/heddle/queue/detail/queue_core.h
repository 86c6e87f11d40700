// The untyped part of a queue: who may go next, who sleeps, what is unfinished.
#pragma once

#include <heddle/core/delay.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <stop_token>

namespace heddle::queue::detail {

// How long a call is ready to wait.
struct Wait {
  bool block = true;
  std::optional<Delay> timeout = std::nullopt;  // none: without limit
  const std::stop_token* stop = nullptr;        // none: nothing but the queue ends the wait
  bool end_is_error = true;                     // at the end of the items: throw ShutDown
};

enum class Side : unsigned char { put, get };

// Whether the two sides touch the same memory, as the ends of a stack do, or each its own.
enum class Locks : unsigned char { one, two };

struct QueueState;
struct QueueEnd;

class QueueCore {
 public:
  // maxsize: how many items may be inside; zero or less: no bound.
  QueueCore(std::ptrdiff_t maxsize, Locks locks);
  ~QueueCore();
  QueueCore(const QueueCore&) = delete;  // waiting threads point at it
  QueueCore& operator=(const QueueCore&) = delete;

  // The right to put one item, or to take one: while it exists nobody else is at that side. Made
  // by waiting for it.
  class Passage {
   public:
    // Throws Full or Empty when it would have to wait, or longer than wished; ShutDown;
    // CancelledError when stopped; ValueError for a negative timeout.
    Passage(QueueCore& core, Side side, const Wait& wait);
    Passage(const Passage&) = delete;
    Passage& operator=(const Passage&) = delete;
    // Not completed: nothing has happened, and another one may try.
    ~Passage() {
      if (end_ != nullptr) leave(false);
    }
    // The queue is shut down and empty, and that is no error.
    bool at_end() const noexcept { return at_end_; }
    // An item has passed. Call once.
    void complete() noexcept { leave(true); }

   private:
    void wait_for_turn(const Wait& wait);
    bool ended(const Wait& wait);
    bool sleep(const Wait& wait, Nanoseconds deadline);
    void leave(bool passed) noexcept;

    QueueState& state_;
    QueueEnd* end_;
    bool slept_ = false;
    bool at_end_ = false;
  };

  // Both sides stand still while it exists; then the queue is shut down and everybody awake.
  class Closing {
   public:
    explicit Closing(QueueCore& core) noexcept;
    Closing(const Closing&) = delete;
    Closing& operator=(const Closing&) = delete;
    ~Closing();
    // The items inside were taken away, and count as done.
    void dropped_items() noexcept;

   private:
    QueueState& state_;
  };

  std::ptrdiff_t maxsize() const noexcept;
  std::size_t size() const noexcept;
  bool full() const noexcept;
  bool is_shutdown() const noexcept;
  std::size_t unfinished() const noexcept;
  void task_done();
  bool join(const Wait& wait);

 private:
  std::unique_ptr<QueueState> state_;
};

}  // namespace heddle::queue::detail
