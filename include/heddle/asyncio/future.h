// Future<T>: a result that will be set once: a value, an exception or a cancellation.
//
//     asyncio::Future<int> answer = asyncio::create_future<int>();
//     loop.call_later(1s, [answer]() mutable { answer.set_result(42); });
//     std::cout << co_await answer << "\n";
//
// A Future object is a counted handle; copies refer to the same result. `co_await` gives a copy of
// the value, so that any number of tasks may await it; a value that cannot be copied is moved out,
// once. Setting a result queues the callbacks and the awaiting tasks, in the order in which they
// came; none of them runs before the call returns. One loop only; from other threads use
// call_soon_threadsafe(), or a futures::Future. Source:
// https://docs.python.org/3/library/asyncio-future.html
#pragma once

#include <heddle/asyncio/coroutine.h>
#include <heddle/asyncio/event_loop.h>
#include <heddle/asyncio/wait_list.h>
#include <heddle/core/copyable.h>
#include <heddle/core/error.h>
#include <heddle/core/ref.h>
#include <heddle/detail/waiter_list.h>

#include <cstdint>
#include <memory>
#include <string>
#include <variant>

namespace heddle::asyncio {

class FutureCore;

namespace detail {

// Told when a future is done. Called inside set_result() and its like, so it only queues work.
class DoneWaiter : public heddle::detail::WaiterPlace {
 public:
  virtual void done(FutureCore& future) noexcept = 0;
  // The future goes away undone: forget it. Owners of themselves delete themselves here.
  virtual void drop() noexcept {}
  virtual std::uint64_t callback_id() const noexcept { return 0; }
  // The task or future that waits here, for call graphs; null for a mere callback.
  // Async-signal-safe.
  virtual FutureCore* waiter() const noexcept { return nullptr; }

 protected:
  ~DoneWaiter() = default;
};

}  // namespace detail

// The untyped part of a future. One loop only.
class FutureCore : public detail::ReadyNode, public Counted, public heddle::detail::Pooled {
 public:
  // Those that succeeded() come first.
  enum class State : std::uint8_t { value, taken, pending, exception, cancelled };

  virtual ~FutureCore() {}
  void destroy() noexcept {
    report_unretrieved();
    delete this;
  }

  // What some futures do in the loop: tasks run a step, others hear of what they wait for.
  void run() override {}

  bool done() const noexcept { return state_ != State::pending; }
  bool cancelled() const noexcept { return state_ == State::cancelled; }
  bool failed() const noexcept { return state_ == State::exception; }
  bool succeeded() const noexcept { return state_ <= State::taken; }
  LoopCore& loop() const noexcept { return loop_; }

  virtual bool cancel(const std::string& message);
  static constexpr std::size_t value_alignment = 8;
  // Where the value is stored. REQUIRES: it is no future of nothing.
  void* value() noexcept { return reinterpret_cast<char*>(this) + value_place_ * value_alignment; }
  virtual bool is_task() const noexcept { return false; }
  [[gnu::cold]] virtual std::string describe() const;

  // Throws what result() throws: the stored exception, CancelledError, InvalidStateError.
  void check_result() {
    if (state_ != State::value) [[unlikely]]
      throw_result();
  }
  std::exception_ptr exception();
  // The stored exception without asking: null when there is none. Does not count as retrieved.
  std::exception_ptr stored_exception() const noexcept {
    return done() && !succeeded() ? exception_ : nullptr;
  }
  void mark_retrieved() noexcept { put(unreported_bit, false); }
  void mark_taken() noexcept { state_ = State::taken; }
  // Tells repetitions in a list of futures: true until unmark().
  bool marked() const noexcept { return (bits_ & marked_bit) != 0; }
  void mark() noexcept { put(marked_bit, true); }
  void unmark() noexcept { put(marked_bit, false); }

  [[gnu::cold]] void require_pending() const;
  void finish_value() noexcept { finish(State::value); }  // the value is in place
  void finish_exception(std::exception_ptr exception) noexcept;
  void finish_cancelled(std::exception_ptr reason) noexcept;

  void add_waiter(detail::DoneWaiter& waiter) {  // queued at once when the future is done
    if (done()) return waiter.done(*this);
    waiters_.add(waiter);
  }
  // As add_waiter(). REQUIRES: !done()
  void add_waiter_to_pending(detail::DoneWaiter& waiter) noexcept { waiters_.add(waiter); }
  // Who waits, from the one that came last on; null when there is none, or no other.
  // Async-signal-safe.
  detail::DoneWaiter* newest_waiter() const noexcept {
    return done() ? nullptr : waiters_.newest();
  }
  static detail::DoneWaiter* waiter_before(detail::DoneWaiter& waiter) noexcept {
    return Waiters::before(waiter);
  }
  std::uint64_t next_callback_id() noexcept;
  std::size_t remove_callback(std::uint64_t id) noexcept;
  // For who is about to destroy it otherwise than by destroy().
  void report_unretrieved() noexcept {
    if ((bits_ & unreported_bit) != 0) [[unlikely]]
      report_now();
  }

 protected:
  // Who derives from it calls attach() and detach(), or does as they do.
  FutureCore(LoopCore& loop, std::uint32_t count) noexcept : Counted(count), loop_(loop) {}
  void attach() noexcept;  // keeps the loop in memory
  void detach() noexcept;
  void finish(State state) noexcept {
    state_ = state;
    if (!waiters_.empty()) tell_waiters();
  }
  // Lets go of the waiters, or of the exception: the last thing that is done to a future without a
  // value.
  void drop_rest() noexcept;
  // The words of the report when an exception was never looked at.
  virtual const char* unretrieved_message() const noexcept {
    return "Future exception was never retrieved";
  }
  void put_value_at(void* place) noexcept {
    value_place_ = static_cast<std::uint8_t>(
        static_cast<std::size_t>(static_cast<char*>(place) - reinterpret_cast<char*>(this)) /
        value_alignment);
  }

 private:
  using Waiters = heddle::detail::WaiterList<detail::DoneWaiter>;

  void tell_waiters() noexcept;
  void tell_many() noexcept;
  void finish_with(State state, std::exception_ptr exception) noexcept;
  void finish_many(State state, std::exception_ptr exception) noexcept;
  void put_exception(State state, std::exception_ptr exception) noexcept;
  [[gnu::noinline]] void drop_waiters() noexcept;
  [[gnu::cold]] void throw_result();
  [[gnu::cold]] void report_now() noexcept;

  static constexpr std::uint8_t unreported_bit = 1;  // failed, and nobody asked why
  static constexpr std::uint8_t marked_bit = 2;
  void put(std::uint8_t bit, bool on) noexcept {
    bits_ = static_cast<std::uint8_t>(on ? bits_ | bit : bits_ & ~bit);
  }

  State state_ = State::pending;
  std::uint8_t bits_ = 0;
  std::uint8_t value_place_ = 0;  // how far from the core, in steps of value_alignment
  LoopCore& loop_;
  union {
    Waiters waiters_{};  // while it is pending; afterwards empty
    // When it failed or was cancelled, then null for a plain cancellation.
    std::exception_ptr exception_;
  };
};

namespace detail {

// A future that is no task.
class PlainFuture : public FutureCore {
 public:
  explicit PlainFuture(LoopCore& loop) noexcept : FutureCore(loop, 0) { attach(); }
  ~PlainFuture() override { detach(); }
};

// A future that keeps itself until others are done. Its loop lets go of it when it closes, in case
// they never are.
class Lingering : public ListLink {
 public:
  virtual void let_go() noexcept = 0;

 protected:
  ~Lingering() = default;
};

template <class T>
inline constexpr bool is_void = std::is_void_v<T>;

// What stands for T where nothing is not possible.
template <class T>
using Stored =
    std::conditional_t<std::is_void_v<T>, std::monostate,
                       std::conditional_t<std::is_reference_v<T>, std::remove_reference_t<T>*, T>>;

// Adds room for a T to a core.
template <class Base, class T>
class Cell : public Base {
 public:
  template <class... Args>
  explicit Cell(Args&&... args) : Base(std::forward<Args>(args)...) {
    static_assert(sizeof(Base) + alignof(std::optional<Stored<T>>) < 256 * Base::value_alignment);
    this->put_value_at(&value_);
  }

  alignas(FutureCore::value_alignment) alignas(
      std::optional<Stored<T>>) std::optional<Stored<T>> value_;
};
template <class Base>
class Cell<Base, void> : public Base {
 public:
  using Base::Base;
};

// The value of a finished future: moved out when `last` says that nobody else can ask, or when it
// cannot be copied.
template <class T>
T take_value(FutureCore& core, bool last) {
  core.check_result();
  if constexpr (std::is_void_v<T>) {
    return;
  } else {
    auto& value = *static_cast<std::optional<Stored<T>>*>(core.value());
    if constexpr (std::is_reference_v<T>) {
      return static_cast<T>(**value);
    } else if constexpr (copyable<T>) {
      if (!last) return *value;
      core.mark_taken();
      return std::move(*value);
    } else {
      core.mark_taken();
      return std::move(*value);
    }
  }
}

// A base of its own, so that the end of an await writes no virtual table.
struct AwaitedFuture {
  Ref<FutureCore> future_;
};

// Parks a task until a future is done.
class FutureParking : private AwaitedFuture, public Parking, private DoneWaiter {
 public:
  explicit FutureParking(Ref<FutureCore> future) noexcept : AwaitedFuture{std::move(future)} {}
  bool await_ready() const noexcept { return future_->done(); }
  template <class P>
  bool await_suspend(std::coroutine_handle<P> handle) {
    return suspend(handle.promise());
  }

 protected:
  ~FutureParking() override = default;
  bool suspend(heddle::detail::Frame& frame);
  // Throws when the task was cancelled meanwhile.
  FutureCore& finished() {
    if (!went_well()) [[unlikely]]
      finish_badly();
    return *future_;
  }
  void abandon() noexcept override { WaiterPlace::unlink(); }
  bool pass_cancel(const std::string& message) override { return future_->cancel(message); }
  FutureCore* passes_to() noexcept override { return future_.get(); }

  using AwaitedFuture::future_;

 private:
  void done(FutureCore&) noexcept override { wake(); }
  FutureCore* waiter() const noexcept override;
  [[gnu::cold]] void finish_badly();
};

template <class T>
class FutureAwaiter final : public FutureParking {
 public:
  using FutureParking::FutureParking;
  T await_resume() {
    FutureCore& core = finished();
    return take_value<T>(core, core.use_count() == 1);
  }
};

// A user's done callback: waits in the future, then becomes a handle of the loop.
template <class Handed, class F>
class DoneCallback final : public DoneWaiter, public heddle::detail::Pooled {
 public:
  DoneCallback(F function, std::uint64_t id, Context context)
      : function_(std::move(function)), context_(std::move(context)), id_(id) {}

  void done(FutureCore& future) noexcept override {
    queue_done_callback(future, [function = std::move(function_),
                                 handed = Handed(Ref<FutureCore>(&future))]() mutable {
      function(std::move(handed));
    });
    delete this;
  }
  void drop() noexcept override { delete this; }
  std::uint64_t callback_id() const noexcept override { return id_; }

 private:
  template <class Bound>
  void queue_done_callback(FutureCore& future, Bound bound) noexcept;

  F function_;
  Context context_;
  std::uint64_t id_;
};

template <class Handed, class F>
std::uint64_t add_callback(FutureCore& future, F function, Context context) {
  std::uint64_t id = future.next_callback_id();
  future.add_waiter(*new DoneCallback<Handed, F>(std::move(function), id, std::move(context)));
  return id;
}

void queue_handle(LoopCore& loop, const Ref<HandleCore>& handle) noexcept;
[[noreturn]] void throw_no_running_loop();
inline LoopCore& running_loop_core() {
  LoopCore* loop = heddle::detail::thread_state.loop;
  if (loop == nullptr) [[unlikely]]
    throw_no_running_loop();
  return *loop;
}
std::shared_ptr<LoopCore> share(LoopCore& loop) noexcept;

}  // namespace detail

// A handle on a future of any type. Awaiting it waits for the end and throws what the future failed
// with; the value stays where it is.
class AnyFuture {
 public:
  using value_type = void;

  AnyFuture() = default;

  // False for an empty handle, which must not be used otherwise.
  explicit operator bool() const noexcept { return static_cast<bool>(core_); }

  // True once there is a result, an exception or a cancellation.
  bool done() const noexcept { return core_->done(); }
  bool cancelled() const noexcept { return core_->cancelled(); }

  // Cancels the future and queues its callbacks; false, with no effect, when it is done. For tasks
  // see Task::cancel(). message: given to the CancelledError.
  bool cancel(const std::string& message = {}) { return core_->cancel(message); }

  // The exception, or null after a plain result; marks it as retrieved. Throws CancelledError when
  // cancelled, InvalidStateError "Exception is not set." when not done.
  std::exception_ptr exception() const { return core_->exception(); }

  // Makes it fail with `exception`. Throws InvalidStateError when it is done already, RuntimeError
  // for a task, TypeError for null.
  void set_exception(std::exception_ptr exception);
  template <class E>
    requires(!std::is_same_v<std::remove_cvref_t<E>, std::exception_ptr>)
  void set_exception(E exception) {
    set_exception(std::make_exception_ptr(std::move(exception)));
  }

  // Withdraws a callback by what add_done_callback() returned. Returns how many were withdrawn: 0
  // or 1.
  std::size_t remove_done_callback(std::uint64_t id) noexcept { return core_->remove_callback(id); }

  // Queues function(AnyFuture) in the loop when the future is done; see
  // Future::add_done_callback().
  template <class F>
  std::uint64_t add_done_callback(F function, Context context = copy_context()) const {
    return detail::add_callback<AnyFuture>(*core_, std::move(function), std::move(context));
  }

  EventLoop get_loop() const { return EventLoop(detail::share(core_->loop())); }

  friend bool operator==(const AnyFuture& a, const AnyFuture& b) noexcept {
    return a.core_ == b.core_;
  }

  // For the library.
  explicit AnyFuture(Ref<FutureCore> core) noexcept : core_(std::move(core)) {}
  const Ref<FutureCore>& core() const noexcept { return core_; }
  Ref<FutureCore> take_core() noexcept { return std::move(core_); }

 protected:
  Ref<FutureCore> core_;
};

template <class T>
class Future : public AnyFuture {
 public:
  using value_type = T;
  using AnyFuture::AnyFuture;

  // A pending future of the running loop, as create_future<T>(). Throws RuntimeError "no running
  // event loop".
  Future() : Future(detail::running_loop_core()) {}
  explicit Future(LoopCore& loop)
      : AnyFuture(Ref<FutureCore>(new detail::Cell<detail::PlainFuture, T>(loop))) {}

  // The value (moved out when T cannot be copied). Throws the exception of a failed one,
  // CancelledError of a cancelled one, InvalidStateError "Result is not set." when not done.
  T result() const { return detail::take_value<T>(*core_, false); }

  // Throws InvalidStateError "invalid state" when it is done, RuntimeError for a task.
  template <class U = T>
    requires(!std::is_void_v<T>)
  void set_result(U&& value) {
    core_->require_pending();
    auto& place = *static_cast<std::optional<detail::Stored<T>>*>(core_->value());
    if constexpr (std::is_reference_v<T>) {
      place.emplace(&value);
    } else {
      place.emplace(std::forward<U>(value));
    }
    core_->finish_value();
  }
  void set_result()
    requires std::is_void_v<T>
  {
    core_->require_pending();
    core_->finish_value();
  }

  // Queues function(Future<T>) in the loop when the future is done, or at once if it is; runs in
  // `context`, a copy of the present one unless it is given. Returns an id for
  // remove_done_callback(). Differs from Python: callbacks are removed by id, as C++ callables
  // cannot be compared.
  template <class F>
  std::uint64_t add_done_callback(F function, Context context = copy_context()) const {
    return detail::add_callback<Future<T>>(*core_, std::move(function), std::move(context));
  }
};

// A pending future of the running loop. Throws RuntimeError "no running event loop".
template <class T>
Future<T> create_future() {
  return Future<T>();
}
template <class T>
Future<T> EventLoop::create_future() {
  return Future<T>(core());
}

template <class T>
struct AwaitAs<Future<T>> {
  static detail::FutureAwaiter<T> awaiter(Future<T> future) noexcept {
    return detail::FutureAwaiter<T>(future.take_core());
  }
};
template <>
struct AwaitAs<AnyFuture> {
  static detail::FutureAwaiter<void> awaiter(AnyFuture future) noexcept {
    return detail::FutureAwaiter<void>(future.take_core());
  }
};

// Implementation

template <class Handed, class F>
template <class Bound>
void detail::DoneCallback<Handed, F>::queue_done_callback(FutureCore& future,
                                                          Bound bound) noexcept {
  Ref<HandleCore> handle(new CallbackCore<Bound>(std::move(bound)));
  handle->set_context(std::move(context_));
  queue_handle(future.loop(), handle);
}

}  // namespace heddle::asyncio
