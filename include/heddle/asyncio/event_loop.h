// EventLoop: one thread's cycle of polling, timers and callbacks.
//
//     asyncio::EventLoop loop = asyncio::get_running_loop();
//     loop.call_later(2s, [] { std::cout << "two seconds later\n"; });
//
// An EventLoop object is a handle on the loop, which lives as long as any handle: keeping one past
// the end of asyncio::run() is safe, and its use then is a RuntimeError. One loop only; from other
// threads use call_soon_threadsafe(). A turn polls, queues due timers, then runs the callbacks that
// were ready when the turn began; what they add waits. Source:
// https://docs.python.org/3/library/asyncio-eventloop.html
#pragma once

#include <heddle/asyncio/handle.h>
#include <heddle/core/delay.h>
#include <heddle/core/error.h>

#include <memory>
#include <string>

namespace heddle::futures {
class Executor;
class ThreadPoolExecutor;
}  // namespace heddle::futures

namespace heddle::asyncio {

class FutureCore;

// What the exception handler is told.
struct ExceptionContext {
  ExceptionContext(std::string message_, std::exception_ptr exception_, std::string subject_,
                   std::string advice_)
      : message(std::move(message_)),
        exception(std::move(exception_)),
        subject(std::move(subject_)),
        advice(std::move(advice_)) {}

  std::string message;           // Python's words: "Task exception was never retrieved"
  std::exception_ptr exception;  // may be null
  std::string subject;  // "task: <Task pending name='Task-1' coro=<fetch()>>"; may be empty
  std::string advice;   // what to do about it; may be empty
};

class EventLoop {
 public:
  // A new loop that is not running. clock: lives as long as the loop.
  // Throws std::system_error when the kernel gives no descriptor.
  explicit EventLoop(Clock& clock = monotonic_clock());

  // Queues function(args...) for the next turn, in the order of the calls, with a copy of the
  // caller's context. Throws RuntimeError "Event loop is closed", and when called from another
  // thread than the loop's.
  template <class F, class... Args>
  Handle call_soon(F function, Args... args) {
    auto core = make_callback(std::move(function), std::move(args)...);
    schedule(core);
    return Handle(std::move(core));
  }

  // Thread-safe. As call_soon(), from any thread; wakes the loop. Callbacks of one thread run in
  // the order of its calls. Differs from Python: returns nothing, since a handle belongs to the
  // loop's thread; and it is not for signal handlers.
  template <class F, class... Args>
  void call_soon_threadsafe(F function, Args... args) {
    post(make_callback(std::move(function), std::move(args)...));
  }

  // Runs function(args...) after `delay`; never early. Equal deadlines run in the order of the
  // calls. Throws RuntimeError "Event loop is closed".
  template <class F, class... Args>
  TimerHandle call_later(Delay delay, F function, Args... args) {
    return call_at_time(saturating_add(time(), delay.nanoseconds()), std::move(function),
                        std::move(args)...);
  }

  // As call_later(), with the time of the loop's clock in nanoseconds (see time()).
  template <class F, class... Args>
  TimerHandle call_at(Nanoseconds when, F function, Args... args) {
    return call_at_time(when, std::move(function), std::move(args)...);
  }

  // The loop's clock, in nanoseconds. Thread-safe.
  Nanoseconds time() const noexcept;

  // Calls function() each time `fd` is readable (writable), until removed; replaces an earlier one.
  // Level-triggered. Throws std::system_error when the kernel refuses the descriptor. The caller
  // owns the descriptor and removes it here before closing it.
  template <class F>
  void add_reader(int fd, F function) {
    watch(fd, false, make_callback(std::move(function)));
  }
  template <class F>
  void add_writer(int fd, F function) {
    watch(fd, true, make_callback(std::move(function)));
  }
  // False when there was none.
  bool remove_reader(int fd);
  bool remove_writer(int fd);

  // Runs turns until stop(). Throws RuntimeError when this or another loop runs on this thread
  // already, or it is closed. A KeyboardInterrupt or SystemExit of a callback leaves it; everything
  // else goes to the exception handler.
  void run_forever();

  // Ends the loop after the present turn; before run_forever(): after one turn.
  void stop() noexcept;

  bool is_running() const noexcept;  // Thread-safe.
  bool is_closed() const noexcept;   // Thread-safe.

  // Drops the callbacks that are queued, destroys unfinished tasks with a report, releases the
  // loop's descriptors. Does not wait for executors. Nothing happens when it is closed. Throws
  // RuntimeError "Cannot close a running event loop".
  void close();

  // Called for errors that nobody else can receive: handler(loop, context). An exception of the
  // handler goes to the default one.
  template <class F>
  void set_exception_handler(F handler);
  // Back to the default handler, which writes the context to stderr.
  void reset_exception_handler() noexcept;
  // Writes the context to stderr, one fact a line.
  static void default_exception_handler(const ExceptionContext& context) noexcept;
  // Gives `context` to the exception handler.
  void call_exception_handler(const ExceptionContext& context) noexcept;

  // Runs function(args...) on an executor (a ThreadPoolExecutor, a ProcessPoolExecutor; nullptr:
  // the default one) and gives a Future of the result. Cancelling that detaches it: work that has
  // begun runs to its end, and what is queued is dropped. The context is not passed on; to_thread()
  // does. Throws as the executor's submit(). Defined in to_thread.h. Source:
  // https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.loop.run_in_executor
  template <class E, class F, class... Args>
  auto run_in_executor(E&& executor, F&& function, Args&&... args);

  // The executor of to_thread() and run_in_executor() without one: made on first use, named
  // "asyncio". Throws RuntimeError "Executor shutdown has been called" after the loop began to
  // close it.
  futures::ThreadPoolExecutor& default_executor();

  friend bool operator==(const EventLoop& a, const EventLoop& b) noexcept {
    return a.core_ == b.core_;
  }

  // For the library.
  futures::Executor& default_executor_base();
  LoopCore& core() const noexcept { return *core_; }
  explicit EventLoop(std::shared_ptr<LoopCore> core) noexcept : core_(std::move(core)) {}

  // What set_exception_handler() stores.
  class ExceptionHandler {
   public:
    virtual ~ExceptionHandler() = default;
    virtual void call(EventLoop& loop, const ExceptionContext& context) = 0;
  };

 private:
  template <class F, class... Args>
  static Ref<detail::HandleCore> make_callback(F function, Args... args) {
    if constexpr (sizeof...(Args) == 0) {
      return Ref<detail::HandleCore>(new detail::CallbackCore<F>(std::move(function)));
    } else {
      auto bound = [function = std::move(function), ... args = std::move(args)]() mutable {
        function(std::move(args)...);
      };
      return Ref<detail::HandleCore>(new detail::CallbackCore<decltype(bound)>(std::move(bound)));
    }
  }
  template <class F, class... Args>
  TimerHandle call_at_time(Nanoseconds when, F function, Args... args) {
    auto core = make_callback(std::move(function), std::move(args)...);
    schedule_at(core, when);
    return TimerHandle(std::move(core));
  }

  void schedule(const Ref<detail::HandleCore>& handle);
  void schedule_at(const Ref<detail::HandleCore>& handle, Nanoseconds when);
  void post(Ref<detail::HandleCore> handle);
  void watch(int fd, bool for_writing, const Ref<detail::HandleCore>& handle);
  void install_handler(std::unique_ptr<ExceptionHandler> handler);

  std::shared_ptr<LoopCore> core_;
};

// The loop that runs on this thread. Throws RuntimeError "no running event loop".
// Source: https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.get_running_loop
EventLoop get_running_loop();

// A new loop, as EventLoop().
EventLoop new_event_loop();

// Implementation

template <class F>
void EventLoop::set_exception_handler(F handler) {
  class Stored final : public ExceptionHandler {
   public:
    explicit Stored(F function) : function_(std::move(function)) {}
    void call(EventLoop& loop, const ExceptionContext& context) override {
      function_(loop, context);
    }

   private:
    F function_;
  };
  install_handler(std::make_unique<Stored>(std::move(handler)));
}

}  // namespace heddle::asyncio
