// EventLoop: one thread's cycle of polling, timers and callbacks.
//
//     asyncio::EventLoop loop = asyncio::get_running_loop();
//     loop.call_later(2s, [] { std::cout << "two seconds later\n"; });
//
// An EventLoop object is a handle on the loop, which lives as long as any handle: keeping one past
// the end of asyncio::run() is safe, and its use then is a RuntimeError. One loop only; from other
// threads use call_soon_threadsafe(). A turn polls, queues due timers, then runs the callbacks that
// were ready when the turn began; what they add waits. A child of fork() inherits no loop: it runs
// one of its own, and those of the parent throw RuntimeError there. Source:
// https://docs.python.org/3/library/asyncio-eventloop.html
#pragma once

#include <heddle/asyncio/handle.h>
#include <heddle/core/delay.h>
#include <heddle/core/error.h>

#include <memory>
#include <optional>
#include <source_location>
#include <string>
#include <type_traits>

namespace heddle::futures {
class Executor;
}  // namespace heddle::futures

namespace heddle::asyncio {

template <class T>
class Coro;
template <class T>
class Future;
class FutureCore;
class TaskCore;
class TaskOptions;

// Looks at, and changes, the options of every task that is created in a loop, before it starts.
using TaskFactory = void (*)(TaskOptions& options);

// What the exception handler is told.
struct ExceptionContext {
  ExceptionContext(std::string message_, std::exception_ptr exception_, std::string subject_,
                   std::string advice_)
      : message(std::move(message_)),
        exception(std::move(exception_)),
        subject(std::move(subject_)),
        advice(std::move(advice_)) {}
  // About a task or a future.
  static ExceptionContext about(std::string message, std::exception_ptr exception,
                                const FutureCore& future, std::string advice);
  // About a callback.
  static ExceptionContext about(std::string message, std::exception_ptr exception,
                                const detail::HandleCore& handle, std::string advice);

  std::string message;           // Python's words: "Task exception was never retrieved"
  std::exception_ptr exception;  // may be null
  std::string subject;  // "task: <Task pending name='Task-1' coro=<fetch()>>"; may be empty
  std::string advice;   // what to do about it; may be empty
  // What it is about, while the handler runs; null when it is about something else. The handler
  // runs in the context of that task or callback.
  const FutureCore* future = nullptr;
  const TaskCore* task = nullptr;
  const detail::HandleCore* handle = nullptr;
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
    requires(sizeof...(Args) > 0)
  Handle call_soon(F function, Args... args) {
    return schedule(make_callback({}, std::move(function), std::move(args)...));
  }
  // at: the caller's line, for reports in debug mode.
  template <class F>
  Handle call_soon(F function, std::source_location at = std::source_location::current()) {
    return schedule(make_callback(at, std::move(function)));
  }
  // context: runs in this one in place of a copy of the caller's.
  template <class F>
  Handle call_soon(F function, Context context) {
    return schedule(in_context(std::move(context), std::move(function)));
  }

  // Thread-safe. As call_soon(), from any thread; wakes the loop. Callbacks of one thread run in
  // the order of its calls. Differs from Python: returns nothing, since a handle belongs to the
  // loop's thread; and it is not for signal handlers.
  template <class F, class... Args>
  void call_soon_threadsafe(F function, Args... args) {
    post(make_callback({}, std::move(function), std::move(args)...));
  }
  template <class F>
  void call_soon_threadsafe(F function, Context context) {
    post(in_context(std::move(context), std::move(function)));
  }

  // Runs function(args...) after `delay`; never early, and with a delay of 100 ms or more up to
  // about a millisecond late, so that many timers can share a wake-up. They run in the order of
  // their deadlines, equal ones in the order of the calls. Throws RuntimeError "Event loop is
  // closed".
  template <class F, class... Args>
    requires(sizeof...(Args) > 0)
  TimerHandle call_later(Delay delay, F function, Args... args) {
    return schedule_later(make_callback({}, std::move(function), std::move(args)...),
                          delay.nanoseconds());
  }
  template <class F>
  TimerHandle call_later(Delay delay, F function,
                         std::source_location at = std::source_location::current()) {
    return schedule_later(make_callback(at, std::move(function)), delay.nanoseconds());
  }

  template <class F>
  TimerHandle call_later(Delay delay, F function, Context context) {
    return schedule_later(in_context(std::move(context), std::move(function)), delay.nanoseconds());
  }

  // As call_later(), with the time of the loop's clock in nanoseconds (see time()).
  template <class F, class... Args>
    requires(sizeof...(Args) > 0)
  TimerHandle call_at(Nanoseconds when, F function, Args... args) {
    return schedule_at(make_callback({}, std::move(function), std::move(args)...), when);
  }
  template <class F>
  TimerHandle call_at(Nanoseconds when, F function,
                      std::source_location at = std::source_location::current()) {
    return schedule_at(make_callback(at, std::move(function)), when);
  }
  template <class F>
  TimerHandle call_at(Nanoseconds when, F function, Context context) {
    return schedule_at(in_context(std::move(context), std::move(function)), when);
  }

  // The loop's clock, in nanoseconds. Thread-safe.
  Nanoseconds time() const noexcept;

  // Calls function(args...) each time `fd` is readable (writable), until removed; replaces an
  // earlier one. Level-triggered. Throws std::system_error when the kernel refuses the descriptor.
  // The caller owns the descriptor and removes it here before closing it.
  template <class F>
  void add_reader(int fd, F function, std::source_location at = std::source_location::current()) {
    watch(fd, false, make_callback(at, std::move(function)));
  }
  template <class F>
  void add_writer(int fd, F function, std::source_location at = std::source_location::current()) {
    watch(fd, true, make_callback(at, std::move(function)));
  }
  template <class F, class... Args>
    requires(sizeof...(Args) > 0)
  void add_reader(int fd, F function, Args... args) {
    watch(fd, false, make_callback({}, repeated(std::move(function), std::move(args)...)));
  }
  template <class F, class... Args>
    requires(sizeof...(Args) > 0)
  void add_writer(int fd, F function, Args... args) {
    watch(fd, true, make_callback({}, repeated(std::move(function), std::move(args)...)));
  }
  // False when there was none.
  bool remove_reader(int fd);
  bool remove_writer(int fd);

  // Calls function(args...) in the loop each time the process receives `signal`, until removed;
  // replaces an earlier one. Signals that come faster than the loop turns are one call. Throws
  // ValueError "invalid signal number", RuntimeError for one that "cannot be caught" and when
  // called outside of the main thread. Closing the loop removes it. Source:
  // https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.loop.add_signal_handler
  template <class F>
  void add_signal_handler(int signal, F function,
                          std::source_location at = std::source_location::current()) {
    handle_signal(signal, make_callback(at, std::move(function)));
  }
  template <class F, class... Args>
    requires(sizeof...(Args) > 0)
  void add_signal_handler(int signal, F function, Args... args) {
    handle_signal(signal, make_callback({}, repeated(std::move(function), std::move(args)...)));
  }
  // Back to what happened before. False when there was none. Throws ValueError.
  bool remove_signal_handler(int signal);

  // Starts a task of this loop, which need not run yet; arguments as those of
  // asyncio::create_task(). Throws RuntimeError "Event loop is closed", and on another thread than
  // the loop's. Defined in task.h.
  template <class... Args>
  auto create_task(Args&&... args);
  // A pending future of this loop. Defined in future.h.
  template <class T>
  Future<T> create_future();

  // Called with the options of every task that is created in this loop; nullptr: none. See
  // eager_task_factory(). Differs from Python: the factory chooses options, it does not make the
  // task.
  void set_task_factory(TaskFactory factory) noexcept;
  TaskFactory get_task_factory() const noexcept;

  // Runs until the awaitable is done and gives its result. Throws what it throws, RuntimeError
  // "Event loop stopped before Future completed.", and as run_forever(). Defined in run.h.
  template <class A>
  auto run_until_complete(A&& awaitable);

  // Debug mode: steps longer than slow_callback_duration are reported by name and line, by a
  // watchdog also while they still last; so are wrong threads and swallowed cancellations. On for
  // all loops when the environment has HEDDLE_DEBUG=1. Source:
  // https://docs.python.org/3/library/asyncio-dev.html#debug-mode
  void set_debug(bool debug);
  bool get_debug() const noexcept;
  // 100 ms unless it was set.
  Nanoseconds get_slow_callback_duration() const noexcept;
  void set_slow_callback_duration(Delay duration);

  // How long the loop looks out for an answer of another thread before it sleeps: 20 us unless the
  // environment has HEDDLE_SPIN_US, or the process only one CPU. It does so only while a thread
  // works for it or has lately posted to it, stops when that brings nothing, and never on a virtual
  // clock. 0: sleeps at once. Throws ValueError for a negative one. The loop's thread only.
  void set_spin_limit(Delay limit);
  Nanoseconds get_spin_limit() const noexcept;

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
  // True when there is a handler of the program's own.
  bool has_exception_handler() const noexcept;
  // Back to the default handler, which writes the context to stderr.
  void reset_exception_handler() noexcept;
  // Writes the context to stderr, one fact a line.
  [[gnu::cold]] static void default_exception_handler(const ExceptionContext& context) noexcept;
  // Gives `context` to the exception handler.
  void call_exception_handler(const ExceptionContext& context) noexcept;

  // Runs function(args...) on an executor (a ThreadPoolExecutor, a ProcessPoolExecutor; nullptr:
  // the default one) and gives a Future of the result. Cancelling that detaches it: work that has
  // begun runs to its end, and what is queued is dropped. The context is not passed on; to_thread()
  // does. Throws as the executor's submit(). Defined in to_thread.h. Source:
  // https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.loop.run_in_executor
  template <class E, class F, class... Args>
  auto run_in_executor(E&& executor, F&& function, Args&&... args);

  // The executor of to_thread() and run_in_executor() without one: a ThreadPoolExecutor made on
  // first use, named "asyncio". Throws RuntimeError "Executor shutdown has been called" after the
  // loop began to close it.
  futures::Executor& default_executor();
  // Takes the place of the default executor; the loop shuts it down when it ends. One that takes
  // plain jobs: not a ProcessPoolExecutor. Throws TypeError for null.
  void set_default_executor(std::shared_ptr<futures::Executor> executor);

  // Closes the async generators that were begun and not ended. An error of one goes to the
  // exception handler.
  Coro<void> shutdown_asyncgens();
  // Waits until the jobs of the default executor are done; it takes no more. timeout: goes on
  // without it after that time, with a report; none: no limit.
  Coro<void> shutdown_default_executor(std::optional<Delay> timeout = std::nullopt);

  friend bool operator==(const EventLoop& a, const EventLoop& b) noexcept {
    return a.core_ == b.core_;
  }

  // For the library.
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
  static Ref<detail::HandleCore> make_callback(std::source_location at, F function, Args... args) {
    static_assert(std::is_invocable_v<F&, Args&&...>,
                  "TypeError: a callback must be callable with these arguments; coroutines cannot "
                  "be used as callbacks: create_task() them");
    Ref<detail::HandleCore> core;
    if constexpr (sizeof...(Args) == 0) {
      core = Ref<detail::HandleCore>(new detail::CallbackCore<F>(std::move(function)));
    } else {
      auto bound = [function = std::move(function), ... args = std::move(args)]() mutable {
        function(std::move(args)...);
      };
      core = Ref<detail::HandleCore>(new detail::CallbackCore<decltype(bound)>(std::move(bound)));
    }
    core->set_place(at);
    return core;
  }

  template <class F>
  static Ref<detail::HandleCore> in_context(Context context, F function) {
    auto core = make_callback({}, std::move(function));
    core->set_context(std::move(context));
    return core;
  }
  // For callbacks that may run more than once: the arguments stay.
  template <class F, class... Args>
  static auto repeated(F function, Args... args) {
    static_assert(std::is_invocable_v<F&, Args&...>,
                  "TypeError: a callback must be callable with these arguments");
    return [function = std::move(function), ... args = std::move(args)]() mutable {
      function(args...);
    };
  }

  Handle schedule(Ref<detail::HandleCore> handle);
  TimerHandle schedule_later(Ref<detail::HandleCore> handle, Nanoseconds delay);
  TimerHandle schedule_at(Ref<detail::HandleCore> handle, Nanoseconds when);
  TimerHandle arm(Ref<detail::HandleCore> handle, Nanoseconds when);
  void post(Ref<detail::HandleCore> handle);
  void watch(int fd, bool for_writing, const Ref<detail::HandleCore>& handle);
  void handle_signal(int signal, const Ref<detail::HandleCore>& handle);
  void install_handler(std::unique_ptr<ExceptionHandler> handler);

  std::shared_ptr<LoopCore> core_;
};

// The loop that runs on this thread. Throws RuntimeError "no running event loop".
// Source: https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.get_running_loop
EventLoop get_running_loop();

// A new loop, as EventLoop().
EventLoop new_event_loop();

// The running loop, else the one that set_event_loop() gave to this thread. Throws RuntimeError
// "There is no current event loop in this thread". Source:
// https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.get_event_loop
EventLoop get_event_loop();
// What get_event_loop() gives on this thread while no loop runs; nothing: none.
void set_event_loop(std::optional<EventLoop> loop);

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
