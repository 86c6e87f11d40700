// Task<T>: a coroutine that its loop runs beside the others.
//
//     asyncio::Task<Page> page = asyncio::create_task(fetch("example.org"));
//     ...                                   // fetch() begins when this coroutine suspends
//     show(co_await page);
//
// A Task object is a counted handle and also a Future<T>. The loop owns its unfinished tasks:
// dropping the handle does not stop the task. Prefer TaskGroup, which also waits for its tasks and
// reports their errors. One loop only; from other threads only cancel() is allowed. Differs from
// Python: the loop holds tasks strongly, so that a task nobody holds cannot vanish. Source:
// https://docs.python.org/3/library/asyncio-task.html#task-object
#pragma once

#include <heddle/asyncio/future.h>

#include <vector>

namespace heddle::asyncio {

class TaskOptions;

namespace detail {
// The place of an unfinished task in its loop's list, which holds the task.
class AllTasksNode : public ListPlace {};
class ScopeCore;
// Where a task waits, in one word: its Parking; or, while it sleeps, its place in the timer heap.
class WaitPlace : public TimerPlace {
 protected:
  WaitPlace() noexcept { set_parking(nullptr); }
  ~WaitPlace() = default;
  // REQUIRES: the task does not sleep.
  Parking* get_parking() const noexcept { return reinterpret_cast<Parking*>(kept()); }
  void set_parking(Parking* parking) noexcept { keep(reinterpret_cast<std::uintptr_t>(parking)); }
};
// The place of a task in the cancel scope that it runs in.
class ScopeMember : public ListLink {
 public:
  explicit ScopeMember(TaskCore& task) noexcept : task_(task) {}
  TaskCore& task() const noexcept { return task_; }

 private:
  TaskCore& task_;
};
}  // namespace detail

// What can be resumed, cancelled, and told where it is parked; untyped.
class TaskCore : public FutureCore, public detail::AllTasksNode, public detail::WaitPlace {
 public:
  enum class Start : bool { plainly, later };

  // Holds one reference, the creator's. Plainly: queues the first step, and the loop keeps the task
  // until it is done; if the loop has a task factory, start() is left to do.
  TaskCore(LoopCore& loop, heddle::detail::Frame& root, Start start) noexcept;
  ~TaskCore() override;

  bool cancel(const std::string& message) override;
  // A request of somebody who entered the task when `shields` cancel scopes with a shield were open
  // in it: scopes that were entered later do not hold it back.
  bool cancel_below(std::uint32_t shields, const std::string& message);
  bool is_task() const noexcept override { return true; }
  [[gnu::cold]] std::string describe() const override;

  std::uint32_t cancelling() const noexcept { return cancel_requests_; }
  std::uint32_t uncancel() noexcept;
  [[gnu::cold]] std::string name() const;
  void set_name(std::string name);
  std::uint64_t id() const noexcept { return id_; }
  Context& context() noexcept { return context_; }
  [[gnu::cold]] std::uint64_t trace_id() const noexcept override;
  [[gnu::cold]] detail::StepLabel label() override;
  // The innermost coroutine, where the task is suspended; null while it runs and when it is done.
  // Async-signal-safe.
  heddle::detail::Frame* innermost() const noexcept {
    return heddle::detail::thread_state.task == this || frames_gone() ? nullptr : innermost_;
  }
  // The function that the task was made of, for messages.
  std::string function() const;
  // Where it waits, innermost coroutine first, a line each: "fetch (crawler.cpp:41)". Empty while
  // it runs and when it is done.
  std::vector<std::string> await_chain() const;
  // In debug mode: the coroutines that created it, as those of await_chain(); empty otherwise.
  std::string creator() const { return rare_ ? rare_->creator : std::string(); }

  // Starts it as its loop's task factory and the options say. REQUIRES: !started()
  void start(const TaskOptions& options);
  void start();  // without options; when it throws, the task is gone
  bool started() const noexcept { return id_ != 0; }
  void run() final;  // a step, called by the loop
  // For call graphs: the name that was set, or null.
  const std::string* given_name() const noexcept { return rare_ ? rare_->name.get() : nullptr; }
  // For await_resume() of a sleep that a cancellation may have ended, or overtaken.
  void confirm_sleep();
  // Cancelled while it waits, it is destroyed where it is in place of being thrown CancelledError.
  void cancel_by_destroying() noexcept { put(by_destroying_flag, true); }
  // How many coroutines have to see its cancellation as an exception.
  void change_sees(int by) noexcept { sees_ = static_cast<std::uint16_t>(sees_ + by); }
  [[gnu::cold]] void destroy_pending() noexcept;  // the loop closes: takes the frames apart

  // Cancel scopes; see cancel_scope.h.
  detail::ScopeCore* scope() const noexcept { return rare_ ? rare_->scope : nullptr; }
  void set_scope(detail::ScopeCore* scope);
  std::uint32_t shields() const noexcept { return rare_ ? rare_->shields : 0; }
  void change_shields(int by) noexcept;
  // While held, a cancelled scope does not interrupt: the library waits for something that it has
  // to wait for.
  void hold_scopes(int by) noexcept;
  // A scope around the task was cancelled, or is not any more.
  void scope_changed() noexcept;

 protected:
  // The root coroutine ended: takes its value, if it is to be kept. False when it failed.
  virtual bool take_outcome(std::coroutine_handle<> root) noexcept = 0;
  virtual std::exception_ptr take_error(std::coroutine_handle<> root) noexcept = 0;
  bool cancel_overtook() const noexcept { return has(must_cancel_flag); }
  [[gnu::cold]] void report_swallowed_cancellation() noexcept;
  const char* unretrieved_message() const noexcept override {
    return "Task exception was never retrieved";
  }

 private:
  friend class Parking;
  friend class detail::ParkedTask;
  friend struct detail::ParkingAccess;
  friend class LoopCore;
  // What few tasks have.
  struct Rare {
    explicit Rare(TaskCore& task) noexcept : scope_place(task) {}
    // Replaced as a whole, so that a signal handler finds one name or the other.
    std::unique_ptr<const std::string> name;
    std::string cancel_message;
    std::string creator;
    detail::ScopeCore* scope = nullptr;
    detail::ScopeMember scope_place;
    std::uint32_t scope_holds = 0;
    std::uint32_t shields = 0;         // cancel scopes with a shield that are open in the task
    std::uint32_t cancel_shields = 0;  // how many of them the waiting request may ignore
  };

  bool cancel_chain(std::uint32_t shields, const std::string& message);
  void request(std::uint32_t shields, const std::string& message);
  void note_message(const std::string& message);
  TaskCore* passes_to(std::uint32_t shields) const noexcept;
  [[gnu::cold]] std::source_location begin() const noexcept;
  [[gnu::cold]] static std::vector<std::string> chain_from(const heddle::detail::Frame* frame,
                                                           std::size_t depth_max);
  [[gnu::cold]] void note_creator() noexcept;
  void run_step();
  static void leave_step() noexcept;
  static void after_resume(std::coroutine_handle<> resumed);
  void go_on(std::coroutine_handle<> resumed);
  void ended(std::coroutine_handle<> resumed);
  void attach_slowly(Start start) noexcept;
  void end(std::coroutine_handle<> root) noexcept;
  void end_with_exception(std::coroutine_handle<> root) noexcept;
  void run_specially();
  bool may_be_destroyed() const noexcept;
  void end_by_destroying() noexcept;
  bool answer_requests() noexcept;
  void start_eagerly();  // runs the first step now
  void queue_first_step() noexcept;
  void close_unstarted() noexcept;
  void delete_rare() noexcept;
  void finish_as_cancelled() noexcept;
  Rare& rare();
  const std::string& cancel_message() const noexcept;
  // The request that waited for this await is delivered.
  void consume_request() noexcept {
    if (request_passes_shields()) set_must_cancel(false);
  }
  bool request_passes_shields() const noexcept {
    return !rare_ || rare_->cancel_shields >= rare_->shields;
  }
  void set_must_cancel(bool must) noexcept {
    put(must_cancel_flag, must);
    refresh_interrupt();
  }
  // What a wait looks at: a cancellation to deliver, or a cancelled scope around it.
  void refresh_interrupt() noexcept {
    put(interrupt_flag,
        (has(must_cancel_flag) && request_passes_shields()) || has(scope_cancelled_flag));
  }
  // A wait that a cancellation can end: parked, or asleep.
  bool waits() const noexcept { return has(asleep_flag | due_flag) || get_parking() != nullptr; }
  Parking* parking() const noexcept {
    return has(asleep_flag | due_flag) ? nullptr : get_parking();
  }
  bool pass_cancel(const std::string& message);
  void undo_wait() noexcept;
  void undo_sleep() noexcept;
  void interrupt_sleep() noexcept;

  // The frames end: of them stays where the function of the root begins.
  void forget_frames(const heddle::detail::Frame& root) noexcept { begin_ = root.link; }
  heddle::detail::Frame& take_frames() noexcept;
  bool frames_gone() const noexcept { return heddle::detail::Frame::is_root(begin_); }

  // One word, so that a step sees with one comparison that nothing is unusual.
  static constexpr std::uint16_t begun_flag = 1;
  static constexpr std::uint16_t must_cancel_flag = 2;      // a request waits for the next await
  static constexpr std::uint16_t scope_cancelled_flag = 4;  // a scope interrupts every wait
  static constexpr std::uint16_t interrupt_flag = 8;        // the next wait is to be interrupted
  static constexpr std::uint16_t by_destroying_flag = 16;   // as cancel_by_destroying() says
  static constexpr std::uint16_t undone_flag = 32;          // a cancellation ended its wait
  static constexpr std::uint16_t decided_flag = 64;  // a wait ends with the first request's message
  static constexpr std::uint16_t asleep_flag = 128;  // its timer is set
  static constexpr std::uint16_t due_flag = 256;     // the sleep is over; it wakes in the next turn
  static constexpr std::uint16_t sleep_undone_flag = 512;  // a cancellation ended its sleep
  static constexpr std::uint16_t walked_flag = 1024;       // a cancellation came by
  static constexpr std::uint16_t plain_flags = begun_flag | by_destroying_flag;
  bool has(std::uint16_t flag) const noexcept { return (flags_ & flag) != 0; }
  void put(std::uint16_t flag, bool on) noexcept {
    flags_ = static_cast<std::uint16_t>(on ? flags_ | flag : flags_ & ~flag);
  }

  union {
    // Where it is suspended, and before it begins the root; while it runs one of its frames.
    heddle::detail::Frame* innermost_;
    const heddle::detail::AwaitLink* begin_;  // the link that the root had
  };
  // In an order that begins with few wide writes.
  std::uint64_t id_ = 0;
  std::uint32_t cancel_requests_ = 0;
  std::uint16_t flags_ = 0;
  std::uint16_t sees_ = 0;
  Context context_;
  Rare* rare_ = nullptr;
};

namespace detail {

template <class T>
class TaskCell : public Cell<TaskCore, T> {
 public:
  TaskCell(LoopCore& loop, CoroPromise<T>& root, TaskCore::Start start) noexcept
      : Cell<TaskCore, T>(loop, root, start) {}

 private:
  using Promise = CoroPromise<T>;

  static Promise& promise_of(std::coroutine_handle<> root) noexcept {
    return std::coroutine_handle<Promise>::from_address(root.address()).promise();
  }
  bool take_outcome(std::coroutine_handle<> root) noexcept override {
    Promise& promise = promise_of(root);
    if (promise.failed()) [[unlikely]]
      return false;
    if constexpr (!std::is_void_v<T>) {
      if (!this->cancel_overtook()) return keep(promise);
    }
    return true;
  }
  std::exception_ptr take_error(std::coroutine_handle<> root) noexcept override {
    return promise_of(root).take_error();
  }
  bool keep(Promise& promise) noexcept {
    if constexpr (std::is_nothrow_move_constructible_v<Stored<T>>) {
      this->value_.emplace(std::move(promise.value()));
      return true;
    } else {
      try {
        this->value_.emplace(std::move(promise.value()));
        return true;
      } catch (...) {
        promise.unhandled_exception();
        return false;
      }
    }
  }
};

// Destroys a coroutine that could not become a task, unless it did.
class UnstartedGuard {
 public:
  explicit UnstartedGuard(Frame& root) noexcept : root_(&root) {}
  UnstartedGuard(const UnstartedGuard&) = delete;
  UnstartedGuard& operator=(const UnstartedGuard&) = delete;
  ~UnstartedGuard() {
    if (root_ != nullptr) heddle::detail::destroy_frame(*root_, false);
  }
  void release() noexcept { root_ = nullptr; }

 private:
  Frame* root_;
};

template <class T>
TaskCell<T>* new_task(LoopCore& loop, CoroPromise<T>& root, TaskCore::Start start) {
  UnstartedGuard guard(root);
  auto* task = new TaskCell<T>(loop, root, start);
  guard.release();
  return task;
}

template <class T>
Ref<FutureCore> start_task(LoopCore& loop, CoroPromise<T>& root) {
  auto* task = new_task<T>(loop, root, TaskCore::Start::plainly);
  if (!task->started()) [[unlikely]]
    task->start();
  return Ref<FutureCore>::adopt(task);
}

// Calls function(args...) inside a task that owns them.
template <class T, class F, class... Args>
Coro<T> call_with_owned(F function, Args... args) {
  auto call = function(std::move(args)...);
  co_return co_await call;
}

// The waits of this library: objects that Python's coroutine functions correspond to.
template <class A>
inline constexpr bool is_wait =
    std::is_base_of_v<Parking, A> || std::is_base_of_v<CoroutineLike, A>;

template <class A>
Coro<AwaitResult<A&>> await_owned(A awaitable) {
  co_return co_await awaitable;
}

// What tasks of every type offer, on top of a future.
template <class Self>
class TaskInterface {
 public:
  // Requests cancellation: CancelledError is thrown at the task's await in the next turn; a task
  // that has not begun never begins. False when it is done. Each call counts in cancelling().
  // message: given to the CancelledError. Thread-safe: from another thread the request is posted to
  // the task's loop, and true means that it was posted.
  bool cancel(const std::string& message = {}) { return self().core()->cancel(message); }
  // How many requests were made and not taken back.
  std::uint32_t cancelling() const noexcept { return task().cancelling(); }
  // Takes one request back; at 0 one that was not delivered yet is withdrawn. Only for who called
  // cancel().
  std::uint32_t uncancel() noexcept { return task().uncancel(); }

  // As Future::add_done_callback(); hands the task itself over.
  template <class F>
  std::uint64_t add_done_callback(F function, Context context = copy_context()) const {
    return add_callback<Self>(*self().core(), std::move(function), std::move(context));
  }

  // "Task-N" unless it was set; N counts in the process.
  std::string get_name() const { return task().name(); }
  void set_name(std::string name) { task().set_name(std::move(name)); }
  // The context that the task runs in.
  Context& get_context() const noexcept { return task().context(); }
  // Where the task waits, innermost coroutine first: "fetch (crawler.cpp:41)". Empty when it is
  // done. See also call_graph.h.
  std::vector<std::string> get_stack() const { return task().await_chain(); }

  TaskCore& task() const noexcept { return static_cast<TaskCore&>(*self().core()); }

 private:
  const Self& self() const noexcept { return static_cast<const Self&>(*this); }
};

}  // namespace detail

// A handle on a task of any type.
class AnyTask : public AnyFuture, public detail::TaskInterface<AnyTask> {
 public:
  using AnyFuture::AnyFuture;
  using detail::TaskInterface<AnyTask>::cancel;
  using detail::TaskInterface<AnyTask>::add_done_callback;
};

template <class T>
class Task : public Future<T>, public detail::TaskInterface<Task<T>> {
 public:
  // For the library: takes over `core`, which is a task.
  explicit Task(Ref<FutureCore> core) noexcept : Future<T>(std::move(core)) {}

  using detail::TaskInterface<Task<T>>::cancel;
  using detail::TaskInterface<Task<T>>::add_done_callback;
  operator AnyTask() const noexcept { return AnyTask(this->core()); }
};

template <class T>
struct AwaitAs<Task<T>> : AwaitAs<Future<T>> {};
template <>
struct AwaitAs<AnyTask> : AwaitAs<AnyFuture> {};

// Options of create_task().
class TaskOptions {
 public:
  TaskOptions() = default;
  // Runs the first step inside create_task(), up to its first wait: a body that never waits gives a
  // task that is done. Nested in each other more than 64 times, the task starts as others do.
  TaskOptions& eager_start(bool eager) noexcept {
    eager_start_ = eager;
    return *this;
  }
  // The task's name, for messages.
  TaskOptions& name(std::string name) {
    name_ = std::move(name);
    return *this;
  }
  // Runs in this context in place of a copy of the caller's.
  TaskOptions& context(Context context) {
    context_ = std::move(context);
    return *this;
  }
  // Cancelled while it waits, the task's coroutines are destroyed where they are, from the
  // innermost outwards, in place of throwing CancelledError through them, which costs a microsecond
  // or more a coroutine. Destructors run as they do when an exception passes; catch blocks do not.
  // Throws all the same when it waits inside something of the library that has to see the
  // cancellation (with(), wait_for(), a TaskGroup, an async generator, Condition::wait(), …), when
  // it awaits another task or future, and when it was woken before the cancellation came.
  TaskOptions& cancel_by_destroying(bool destroying) noexcept {
    cancel_by_destroying_ = destroying;
    return *this;
  }
  ~TaskOptions() = default;
  TaskOptions(const TaskOptions&) = default;

  void apply(TaskCore& task) const;
  bool starts_eagerly() const noexcept { return eager_start_; }

 private:
  std::string name_;
  std::optional<Context> context_;
  bool eager_start_ = false;
  bool cancel_by_destroying_ = false;
};

// Starts `coroutine` as a task of the running loop: its first step runs when the caller suspends,
// after what was queued before. Throws RuntimeError "no running event loop", or "cannot reuse
// already awaited coroutine". Source:
// https://docs.python.org/3/library/asyncio-task.html#asyncio.create_task
template <class T>
Task<T> create_task(Coro<T>&& coroutine) {
  LoopCore& loop = detail::running_loop_core();
  return Task<T>(detail::start_task<T>(loop, coroutine.take()));
}
template <class T>
Task<T> create_task(Coro<T>& coroutine) {
  return create_task(std::move(coroutine));
}
template <class T>
Task<T> create_task(Coro<T>&& coroutine, const TaskOptions& options) {
  LoopCore& loop = detail::running_loop_core();
  auto* task = detail::new_task<T>(loop, coroutine.take(), TaskCore::Start::later);
  Task<T> handle{Ref<FutureCore>::adopt(task)};
  task->start(options);
  return handle;
}
template <class T>
Task<T> create_task(Coro<T>& coroutine, const TaskOptions& options) {
  return create_task(std::move(coroutine), options);
}

// Starts what sleep(), Event::wait() and their like give, as a task.
template <class A>
  requires(detail::is_wait<std::remove_cvref_t<A>>)
auto create_task(A&& wait) {
  auto task = create_task(detail::await_owned<std::remove_cvref_t<A>>(std::forward<A>(wait)));
  task.task().cancel_by_destroying();  // nothing in it could catch the exception
  return task;
}
template <class A>
  requires(detail::is_wait<std::remove_cvref_t<A>>)
auto create_task(A&& wait, const TaskOptions& options) {
  auto task =
      create_task(detail::await_owned<std::remove_cvref_t<A>>(std::forward<A>(wait)), options);
  task.task().cancel_by_destroying();
  return task;
}

namespace detail {

// Calls function() as if `loop` ran on this thread; it belongs to it or does not run.
class InLoop {
 public:
  explicit InLoop(const EventLoop& loop);
  InLoop(const InLoop&) = delete;
  InLoop& operator=(const InLoop&) = delete;
  ~InLoop();

 private:
  LoopCore* former_;
};

template <class F>
auto in_loop(const EventLoop& loop, F function) {
  InLoop inside(loop);
  return function();
}

}  // namespace detail

// Given to a loop: every task that is created in it starts with its first step run at once.
// Source: https://docs.python.org/3/library/asyncio-task.html#asyncio.eager_task_factory
inline void eager_task_factory(TaskOptions& options) { options.eager_start(true); }

// Starts function(args...) as a task that owns the function and its arguments, so that a lambda's
// captures live as long as the task. function returns a Coro<T>; it is called when the task begins.
template <class F, class... Args>
  requires(!detail::is_coro<std::remove_cvref_t<F>> && !detail::is_wait<std::remove_cvref_t<F>>)
auto create_task(F&& function, Args&&... args) {
  using Result = std::invoke_result_t<std::decay_t<F>&, std::decay_t<Args>&&...>;
  static_assert(detail::is_coro<Result>,
                "TypeError: a coroutine was expected: the function given to create_task() returns "
                "something else than Coro<T>");
  using T = typename Result::value_type;
  return create_task(detail::call_with_owned<T, std::decay_t<F>, std::decay_t<Args>...>(
      std::forward<F>(function), std::forward<Args>(args)...));
}

template <class... Args>
auto EventLoop::create_task(Args&&... args) {
  return detail::in_loop(*this, [&] { return asyncio::create_task(std::forward<Args>(args)...); });
}

// The task that runs now; empty in a plain callback of the loop. Throws RuntimeError "no running
// event loop".
AnyTask current_task();
// As above, of a loop of this thread: empty when it does not run.
AnyTask current_task(const EventLoop& loop);

// The unfinished tasks of the running loop, oldest first. Throws RuntimeError "no running event
// loop".
std::vector<AnyTask> all_tasks();
// As above, of a loop that need not run. Throws RuntimeError on another thread than the loop's,
// whose tasks are its own: a TaskDump shows them all the same.
std::vector<AnyTask> all_tasks(const EventLoop& loop);

namespace detail {
template <class F>
inline constexpr bool is_future = std::is_base_of_v<AnyFuture, F>;
}  // namespace detail

// Anything that can be awaited, as a future: a future or task is itself, a coroutine or another
// awaitable becomes a task, which owns it. Source:
// https://docs.python.org/3/library/asyncio-future.html#asyncio.ensure_future
template <class A>
auto ensure_future(A&& awaitable) {
  using Type = std::remove_cvref_t<A>;
  if constexpr (detail::is_future<Type>) {
    return Future<typename Type::value_type>(awaitable.core());
  } else if constexpr (detail::is_coro<Type>) {
    return Future<typename Type::value_type>(create_task(awaitable).core());
  } else if constexpr (detail::is_wait<Type>) {
    using T = detail::AwaitResult<Type&>;
    return Future<T>(create_task(std::forward<A>(awaitable)).core());
  } else {
    using T = detail::AwaitResult<Type&>;
    return Future<T>(create_task(detail::await_owned<Type>(std::forward<A>(awaitable))).core());
  }
}

}  // namespace heddle::asyncio
