// Handle and TimerHandle: callbacks that a loop will run once.
//
//     asyncio::TimerHandle warning = loop.call_later(5s, [] { std::cout << "still working\n"; });
//     warning.cancel();
//
// One loop only; from other threads use call_soon_threadsafe().
// Source: https://docs.python.org/3/library/asyncio-eventloop.html#callback-handles
#pragma once

#include <heddle/core/clock.h>
#include <heddle/core/context_var.h>
#include <heddle/core/intrusive_list.h>
#include <heddle/core/ref.h>
#include <heddle/detail/memory.h>

#include <bit>
#include <cstdint>
#include <source_location>
#include <string>
#include <typeinfo>
#include <utility>

namespace heddle::asyncio {

class FutureCore;
class LoopCore;

namespace detail {

class HandleCore;

// Names a step of a loop.
struct StepLabel {
  // Keeps what is named alive; one of them is set, or none.
  Ref<FutureCore> task;
  Ref<HandleCore> handle;
  std::source_location resumed{};  // of a task: the await that it goes on from

  StepLabel() noexcept;
  StepLabel(StepLabel&&) noexcept;
  ~StepLabel();
};

// What the ready queue holds. Linked in at most one queue; leaves it by itself when it dies.
class ReadyNode : public ListLink {
 public:
  virtual void run() = 0;
  // The queue gives the node up without running it: the loop was closed.
  virtual void drop() noexcept {}
  // What a report about this step needs, also after the node is gone.
  [[gnu::cold]] virtual StepLabel label();
  // Identifies the node in traces: equal in every run of the same program, so never an address.
  virtual std::uint64_t trace_id() const noexcept { return 1; }

 protected:
  ReadyNode() = default;
  ~ReadyNode() = default;
};

// A place in the timer heap.
class TimerPlace {
 public:
  bool armed() const noexcept { return at_.place != not_armed; }

 protected:
  TimerPlace() = default;
  ~TimerPlace() = default;
  // While it is not armed it can keep something else in the same bytes; armed() means nothing then.
  void keep(std::uint64_t word) noexcept { at_ = std::bit_cast<Place>(word); }
  std::uint64_t kept() const noexcept { return std::bit_cast<std::uint64_t>(at_); }

 private:
  friend class TimerHeap;
  friend struct TimerEntry;
  static constexpr std::uint32_t not_armed = UINT32_MAX;
  struct alignas(std::uint64_t) Place {
    std::uint32_t place = not_armed;  // index in the heap, or in the run
    std::uint32_t sequence = 0;       // which of equal deadlines was set first
  };
  Place at_;
};

// A step that a deadline queues. Leaves the heap by itself when it dies.
class TimerNode : public ReadyNode, public TimerPlace {
 public:
  void disarm() noexcept;  // leaves the heap, or the ready queue if it was due already

 protected:
  TimerNode() = default;
  ~TimerNode() {
    if (armed() || linked()) disarm();
  }

 private:
  friend class TimerHeap;
  class TimerHeap* heap_ = nullptr;
};

// A callback with its context. Counted: by the queue that holds it and by each Handle.
class HandleCore : public Counted, public TimerNode, public heddle::detail::Pooled {
 public:
  HandleCore() : context_(copy_context()) {}
  virtual ~HandleCore();

  void run() final;
  void drop() noexcept final;
  [[gnu::cold]] StepLabel label() final;
  void destroy() noexcept { delete this; }
  void cancel() noexcept;
  bool cancelled() const noexcept { return cancelled_; }
  Nanoseconds when() const noexcept { return when_; }
  // The type of the callable: what reports name the callback by.
  virtual const std::type_info& callable_type() const noexcept = 0;

  // "<Handle main()::lambda created at main.cpp:12>".
  [[gnu::cold]] std::string describe() const;
  // Where the callback was queued; line 0 when it is not known.
  const std::source_location& place() const noexcept { return place_; }
  void set_place(std::source_location place) noexcept { place_ = place; }
  Context& context() noexcept { return context_; }

  void set_when(Nanoseconds when) noexcept { when_ = when; }
  void set_context(Context context) noexcept { context_ = std::move(context); }
  void keep(bool repeating) noexcept {
    repeating_ = repeating;
  }  // watchers of descriptors run again and again
  void set_loop(LoopCore& loop) noexcept { loop_ = &loop; }

  HandleCore* next_posted = nullptr;  // link in the inbox of another thread's loop

 protected:
  virtual void call() = 0;
  virtual void forget() noexcept = 0;  // destroys the callable

 private:
  friend class asyncio::LoopCore;
  Context context_;
  LoopCore* loop_ = nullptr;
  Nanoseconds when_ = 0;
  std::source_location place_{};
  bool cancelled_ = false;
  bool repeating_ = false;
  bool calling_ = false;  // the callable is on the stack
};

template <class F>
class CallbackCore final : public HandleCore {
 public:
  explicit CallbackCore(F function) : function_(std::move(function)) {}
  ~CallbackCore() override { forget(); }
  const std::type_info& callable_type() const noexcept override { return typeid(F); }

 private:
  void call() override { function_(); }
  void forget() noexcept override {
    if (std::exchange(live_, false)) function_.~F();
  }

  union {
    F function_;
  };
  bool live_ = true;
};

}  // namespace detail

// A callback queued by call_soon(). Copies refer to the same callback; an empty one refers to none.
class Handle {
 public:
  Handle() = default;

  // The callback will not run; what it holds is released now. Nothing happens when it has run or
  // was cancelled before.
  void cancel() noexcept {
    if (core_) core_->cancel();
  }
  bool cancelled() const noexcept { return core_ && core_->cancelled(); }

  // For the library: a handle on `core`.
  explicit Handle(Ref<detail::HandleCore> core) noexcept : core_(std::move(core)) {}

 protected:
  Ref<detail::HandleCore> core_;
};

// A callback queued by call_later() or call_at().
class TimerHandle : public Handle {
 public:
  using Handle::Handle;

  // The time of the loop's clock at which it runs, in nanoseconds.
  Nanoseconds when() const noexcept { return core_ ? core_->when() : 0; }
};

}  // namespace heddle::asyncio
