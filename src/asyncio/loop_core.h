// LoopCore: the machine behind EventLoop.
#pragma once

#include <heddle/asyncio/async_generator.h>
#include <heddle/asyncio/event_loop.h>
#include <heddle/asyncio/task.h>
#include <heddle/asyncio/to_thread.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <unordered_map>
#include <utility>
#include <vector>

#include "asyncio/inbox.h"
#include "asyncio/poller.h"
#include "asyncio/task_numbers.h"
#include "asyncio/timer_heap.h"
#include "core/fork.h"
#include "core/spin.h"

namespace heddle::asyncio {

namespace detail {
class Watchdog;
}

// What a loop tells a test about itself; see testing/.
class LoopObserver {
 public:
  virtual ~LoopObserver() = default;
  // A descriptor is ready; a node is about to run. What makes one run differ from another. step()
  // may throw, which ends the run.
  virtual void io(std::uint32_t ready) noexcept = 0;
  virtual void step(std::uint64_t id) = 0;
  // Nothing is ready, no timer is set, nothing outside is awaited: called before waiting for ever.
  // False to wait; may throw.
  virtual bool stuck(LoopCore& loop) = 0;
};

class LoopCore : public std::enable_shared_from_this<LoopCore> {
 public:
  explicit LoopCore(Clock& clock);
  ~LoopCore();

  // The cycle.
  void run_forever();
  void stop() noexcept {
    stopping_ = true;
    called_.store(true, std::memory_order_relaxed);
  }
  void run_until_done(FutureCore& future);
  [[gnu::cold]] void close();
  bool running() const noexcept { return running_.load(std::memory_order_relaxed); }
  bool closed() const noexcept { return closed_.load(std::memory_order_acquire); }
  // True in a child of fork() of the process that made it: there it is a copy that cannot run, as
  // the descriptors behind it are the parent's.
  bool forked() const noexcept { return generation_ != core::fork_generation(); }
  // In such a child, on the thread that ran it: run_forever() throws when the present step ends.
  void stop_in_child() noexcept;
  void require_own_process() const {
    if (forked()) throw_forked();
  }
  void require_open() const {
    if (closed()) throw_closed();
  }
  void require_own_thread() const {
    if (heddle::detail::thread_state.loop != this && running()) throw_wrong_thread();
  }

  // Where work comes in.
  void push(detail::ReadyNode& node) noexcept { ready_.push_back(node); }
  void push_handle(const Ref<detail::HandleCore>& handle) noexcept;
  // REQUIRES: the clock was read or looked at a moment ago.
  void arm(detail::TimerNode& node, Nanoseconds when) {
    timers_.insert(node, when);
    note_deadline(when);
  }
  void arm(TaskCore& sleeper, Nanoseconds when) {
    timers_.insert(sleeper, when);
    note_deadline(when);
  }
  void disarm(TaskCore& sleeper) noexcept { timers_.remove(sleeper); }
  void post(Ref<detail::HandleCore> handle);
  void watch(int fd, std::uint32_t direction, const Ref<detail::HandleCore>& handle);
  bool unwatch(int fd, std::uint32_t direction) noexcept;
  Clock& clock() noexcept { return clock_; }
  // The time, for a deadline. It also serves this turn's look at the timers.
  Nanoseconds read_clock() noexcept {
    now_ = clock_.now();
    now_is_fresh_ = true;
    return now_;
  }
  // The time, for a deadline, where the turn's look at the timers is to read the clock again.
  Nanoseconds look_at_clock() noexcept { return now_ = clock_.now(); }
  std::uint64_t serial() const noexcept { return serial_; }  // no other loop ever has it

  // Futures and tasks that refer to this loop: while there are any, it stays in memory, also after
  // it was closed.
  void attach() noexcept {
    if (attached_++ == 0) keep_self();
  }
  void detach() noexcept {
    if (--attached_ == 0) let_self_go();
  }
  std::uint64_t next_callback_id() noexcept { return ++callback_id_; }

  // Tasks and generators.
  // Numbers the task and keeps it until it is done.
  void adopt(TaskCore& task) noexcept {
    if (task_numbers_.used_up()) task_numbers_.take_block();
    number(task);
  }
  // True when a new task needs nothing else than what adopt_at_once() does.
  bool adopts_at_once() const noexcept {
    return makes_plain_tasks_ && attached_ != 0 && !task_numbers_.used_up();
  }
  // As attach(), adopt() and push() of a new task. REQUIRES: adopts_at_once()
  void adopt_at_once(TaskCore& task) noexcept {
    ++attached_;
    number(task);
    push(task);
  }
  void release_task(TaskCore& task) noexcept {
    static_cast<detail::AllTasksNode&>(task).unlink();
    if (task.release()) task.destroy();
  }
  const detail::TaskNumbers& task_numbers() const noexcept { return task_numbers_; }
  IntrusiveList<detail::AllTasksNode>& tasks() noexcept { return tasks_; }
  std::size_t timer_count() const noexcept { return timers_.size(); }
  std::size_t watch_count() const noexcept { return watches_.size(); }
  IntrusiveList<detail::GeneratorCore>& generators() noexcept { return generators_; }

  // Posts a cancellation from another thread; it finds the task by its address and serial, so it
  // may be gone by then.
  [[gnu::cold]] bool cancel_from_outside(TaskCore& task, const std::string& message);
  // Makes run_forever() throw `exception` when the present handle returns: for KeyboardInterrupt
  // and SystemExit.
  void interrupt_with(std::exception_ptr exception) noexcept {
    leaving_ = std::move(exception);
    attention_ = true;
    called_.store(true, std::memory_order_relaxed);
  }

  // Errors.
  [[gnu::cold]] void report(const ExceptionContext& context) noexcept;
  void set_handler(std::shared_ptr<EventLoop::ExceptionHandler> handler) noexcept {
    handler_ = std::move(handler);
  }
  bool has_handler() const noexcept { return handler_ != nullptr; }

  // The default executor.
  futures::Executor& default_executor();
  void set_executor(std::shared_ptr<futures::Executor> executor);
  std::shared_ptr<futures::Executor> take_executor() noexcept { return std::move(executor_); }
  bool has_executor() const noexcept { return executor_ != nullptr; }
  void refuse_executor() noexcept { executor_refused_ = true; }

  // Operations that a thread or process outside will complete; while there are any, a virtual clock
  // does not jump.
  void begin_external() noexcept { ++external_; }
  void end_external() noexcept { --external_; }
  std::int32_t external() const noexcept { return external_; }
  IntrusiveList<detail::Lingering>& lingering() noexcept { return lingering_; }

  Nanoseconds spin_limit() const noexcept { return spin_.limit(); }
  void set_spin_limit(Nanoseconds limit) noexcept { spin_.set_limit(limit); }

  // Tasks that wait until everything else waits; served before the clock moves.
  WaitList& idle_waiters() noexcept { return idle_waiters_; }

  void set_observer(LoopObserver* observer) noexcept {
    observer_ = observer;
    refresh_watched();
  }

  TaskFactory task_factory() const noexcept { return task_factory_; }
  void set_task_factory(TaskFactory factory) noexcept {
    task_factory_ = factory;
    refresh_watched();
  }

  // Debug mode.
  bool debug() const noexcept { return debug_; }
  void set_debug(bool debug);
  Nanoseconds slow_step() const noexcept { return slow_step_.load(std::memory_order_relaxed); }
  void set_slow_step(Nanoseconds duration) noexcept {
    slow_step_.store(duration, std::memory_order_relaxed);
  }
  detail::Watchdog* watchdog() const noexcept { return watchdog_.get(); }

  // Async-signal-safe: what waits for this signal will be queued on the loop's thread.
  void signal_from_handler(int signal) noexcept;
  void push_on_signal(int signal, Ref<detail::HandleCore> handle);
  bool drop_on_signal(int signal) noexcept;

  // Async-signal-safe: on_interrupt() will be called on the loop's thread in the next turn.
  void interrupt_from_signal() noexcept;
  class InterruptHandler {
   public:
    virtual ~InterruptHandler() = default;
    virtual void interrupted() = 0;  // may throw KeyboardInterrupt
  };
  void set_interrupt_handler(InterruptHandler* handler) noexcept { interrupt_handler_ = handler; }

  // Runs plain loops only where none runs: throws RuntimeError otherwise.
  class Running;

 private:
  friend class detail::HandleCore;
  [[noreturn]] static void throw_closed();
  [[noreturn]] static void throw_wrong_thread();
  [[noreturn]] static void throw_forked();
  // Timers of this length and more are served together, those of one grain by one wake-up.
  static constexpr std::uint64_t exact_delay_max = 100'000'000;
  static constexpr Nanoseconds grain = Nanoseconds{1} << 20;
  struct Watch {
    Ref<detail::HandleCore> reader;
    Ref<detail::HandleCore> writer;
    std::uint32_t interest() const noexcept;
  };

  void keep_self() noexcept { self_ = shared_from_this(); }
  void let_self_go() noexcept { std::exchange(self_, nullptr).reset(); }
  void number(TaskCore& task) noexcept {
    task.id_ = task_numbers_.next();
    task.retain();
    tasks_.push_back(task);
  }
  bool go_on();
  [[gnu::cold]] void take_interrupts();
  void poll();
  void wait_for_work();
  bool answer_expected() const noexcept;
  bool woken() const noexcept;
  void note_deadline(Nanoseconds when) noexcept {
    // Unsigned: what is past, or ahead for ever, is far ahead.
    auto ahead = static_cast<std::uint64_t>(when) - static_cast<std::uint64_t>(now_);
    if (ahead < exact_delay_max) exact_until_ = std::max(exact_until_, when);
  }
  Nanoseconds until_deadline();
  void sleep(Nanoseconds limit);
  void dispatch(std::span<const detail::Poller::Event> events) noexcept;
  [[gnu::noinline]] void take_posted() noexcept;
  void look_at_timers();
  [[gnu::noinline]] void queue_due_timers(Nanoseconds now);
  void run_turn();
  [[gnu::noinline]] void look_around();
  void run_ready();
  void run_with_attention();
  [[noreturn, gnu::cold]] void leave();
  void refresh_watched() noexcept {
    watched_ = observer_ != nullptr || debug_;
    attention_ = watched_ || leaving_ != nullptr;
    makes_plain_tasks_ = !debug_ && task_factory_ == nullptr;
  }
  void run_watched(detail::ReadyNode& node);
  void run_timed(detail::ReadyNode& node);
  void take_signals();
  [[gnu::cold]] void drop_everything() noexcept;
  // One of each kind; false when there is none.
  [[gnu::cold]] bool drop_task() noexcept;
  [[gnu::cold]] bool drop_timer() noexcept;
  [[gnu::cold]] bool drop_ready() noexcept;
  [[gnu::cold]] bool drop_lingering() noexcept;

  Clock& clock_;
  std::uint64_t serial_;
  const std::uint32_t generation_ = core::fork_generation();
  std::unique_ptr<detail::Poller> poller_;
  IntrusiveList<detail::ReadyNode> ready_;         // for the next turn
  IntrusiveList<detail::ReadyNode> running_list_;  // of this turn
  detail::TimerHeap timers_;
  Nanoseconds now_ = 0;
  bool now_is_fresh_ = false;  // read since the timers were looked at
  // A sleep of the loop that ends after this may end up to a grain late: no timer that was set for
  // less than exact_delay_max, and perhaps taken back, ends later.
  Nanoseconds exact_until_ = 0;
  detail::Inbox inbox_;
  core::Spin spin_;
  bool posted_lately_ = false;  // the last sleep was ended by a post
  std::unordered_map<int, Watch> watches_;
  IntrusiveList<detail::AllTasksNode> tasks_;
  WaitList idle_waiters_;
  IntrusiveList<detail::GeneratorCore> generators_;
  std::shared_ptr<LoopCore> self_;
  std::uint64_t attached_ = 0;
  std::uint64_t callback_id_ = 0;
  detail::TaskNumbers task_numbers_;
  IntrusiveList<detail::Lingering> lingering_;
  std::int32_t external_ = 0;  // below zero while a test simulates what is outside
  bool stopping_ = false;
  bool executor_refused_ = false;
  std::atomic<bool> running_{false};
  std::atomic<bool> closed_{false};
  // Set after what go_on() is to look at before the next turn: interrupted_, signals_, stopping_,
  // leaving_.
  std::atomic<bool> called_{false};
  std::atomic<bool> interrupted_{false};
  InterruptHandler* interrupt_handler_ = nullptr;
  LoopObserver* observer_ = nullptr;
  bool watched_ = false;    // steps are observed or timed
  bool attention_ = false;  // watched_, or leaving_ is set: the next step is no plain one
  bool debug_ = false;
  std::atomic<Nanoseconds> slow_step_{100'000'000};  // read by the watchdog
  std::unique_ptr<detail::Watchdog> watchdog_;       // while a loop in debug mode runs
  TaskFactory task_factory_ = nullptr;
  bool makes_plain_tasks_ = true;          // there is no task factory and no debug mode
  std::atomic<std::uint64_t> signals_{0};  // a bit for each that came
  std::vector<std::pair<int, Ref<detail::HandleCore>>> on_signal_;
  std::exception_ptr leaving_;
  std::shared_ptr<EventLoop::ExceptionHandler> handler_;
  std::shared_ptr<futures::Executor> executor_;
};

// What every wait does, for the library to inline.
struct detail::ParkingAccess {
  // Gives true: the task is suspended.
  static bool park(Parking& parking, heddle::detail::Frame& frame) noexcept {
    TaskCore* task = heddle::detail::thread_state.task;
    parking.task_ = task;
    parking.state_ = Parking::State::parked;
    task->innermost_ = &frame;
    task->set_parking(&parking);
    if (task->has(TaskCore::interrupt_flag)) [[unlikely]]
      return parking.interrupt();
    return true;
  }
  static void yield(Parking& parking, heddle::detail::Frame& frame) noexcept {
    parking.task_ = heddle::detail::thread_state.task;
    parking.state_ = Parking::State::woken;
    yield(frame);
  }
  static void yield(heddle::detail::Frame& frame) noexcept {
    TaskCore* task = heddle::detail::thread_state.task;
    task->innermost_ = &frame;
    task->loop().push(*task);
  }
  // Its timer is set.
  static void fall_asleep(TaskCore& task, heddle::detail::Frame& frame) noexcept {
    task.innermost_ = &frame;
    task.put(TaskCore::asleep_flag, true);
    if (task.has(TaskCore::interrupt_flag)) [[unlikely]]
      task.interrupt_sleep();
  }
  // A sleep whose time has come: the task runs in this turn only to wake up in the next one, as
  // after any other wait.
  static void begin_due(TaskCore& task) noexcept {
    task.put(TaskCore::asleep_flag, false);
    task.put(TaskCore::due_flag, true);
    task.loop().push(task);
  }
  static void wake(Parking& parking) noexcept {
    TaskCore* task = parking.task_;
    task->set_parking(nullptr);
    parking.state_ = Parking::State::woken;
    task->loop().push(*task);
  }
};

}  // namespace heddle::asyncio
