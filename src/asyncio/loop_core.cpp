#include "asyncio/loop_core.h"

#include <heddle/asyncio/run.h>
#include <heddle/futures/thread_pool_executor.h>

#include <heddle/core/choose.h>

#include <algorithm>
#include <cstdlib>
#include <thread>

#include "asyncio/running_loops.h"
#include "asyncio/watchdog.h"

namespace heddle::asyncio {

using detail::Poller;
using heddle::detail::thread_state;

// Marks this thread as the loop's while a run lasts.
class LoopCore::Running {
 public:
  explicit Running(LoopCore& loop)
      : loop_(loop), keeps_alive_(loop.shared_from_this()), outer_(thread_state) {
    detail::require_can_run(EventLoop(keeps_alive_));
    if (loop.debug_ && !loop.clock_.is_virtual())
      loop.watchdog_ = std::make_unique<detail::Watchdog>(loop);
    detail::running_loops_add(loop);
    thread_state.loop = &loop;
    loop.running_.store(true, std::memory_order_relaxed);
  }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;
  ~Running() {
    loop_.watchdog_.reset();
    detail::running_loops_remove(loop_);
    loop_.running_.store(false, std::memory_order_relaxed);
    loop_.stopping_ = false;
    thread_state = outer_;        // steps leave no context
    thread_state.loop = nullptr;  // in a child of fork() it may have been this one
  }

 private:
  LoopCore& loop_;
  std::shared_ptr<LoopCore> keeps_alive_;
  // The context; and in a child of fork() that runs a loop inside of a task of the parent, that
  // task.
  heddle::detail::ThreadState outer_;
};

namespace {
std::atomic<std::uint64_t> loops_made{0};

bool environment_wants_debug() noexcept {
  const char* value = std::getenv("HEDDLE_DEBUG");
  return value != nullptr && *value != '\0' && *value != '0';
}
}  // namespace

LoopCore::LoopCore(Clock& clock)
    : clock_(clock),
      serial_(loops_made.fetch_add(1, std::memory_order_relaxed) + 1),
      poller_(detail::make_epoll_poller()) {
  debug_ = environment_wants_debug();
  refresh_watched();
}

LoopCore::~LoopCore() { close(); }

void detail::require_can_run(const EventLoop& loop) {
  loop.core().require_open();
  loop.core().require_own_process();
  if (loop.is_running()) throw RuntimeError("This event loop is already running");
  if (thread_state.loop != nullptr) {
    throw RuntimeError(
        "Cannot run the event loop while another loop is running: this thread runs one already; "
        "await in it, or use another thread");
  }
}

void LoopCore::run_forever() {
  Running running(*this);
  now_is_fresh_ = false;  // it was read in a former run
  try {
    take_interrupts();
    do {
      run_turn();
    } while (!called_.load(std::memory_order_relaxed) || go_on());
  } catch (...) {
    // KeyboardInterrupt or SystemExit: the rest of the turn stays queued, in its order
    ready_.splice_front(running_list_);
    throw;
  }
}

// A turn polls, queues what is due, and then runs what was ready when that was done.
inline void LoopCore::run_turn() {
  bool ready = !ready_.empty();
  // Without watched descriptors a busy loop has nothing to ask the kernel: posts are seen in the
  // inbox.
  if (!ready || (watches_.size() | inbox_.bits()) != 0) {
    look_around();
    ready = !ready_.empty();
  }
  if (!timers_.empty()) {
    look_at_timers();
    ready = !ready_.empty();
  }
  if (ready) run_ready();
}

void LoopCore::look_around() {
  if (ready_.empty() || !watches_.empty()) poll();
  if (!inbox_.empty()) take_posted();
}

// REQUIRES: something is ready.
inline void LoopCore::run_ready() {
  running_list_.take_over(ready_);
  do {
    if (attention_) [[unlikely]] {
      run_with_attention();
    } else {
      running_list_.pop_front().run();
    }
  } while (!running_list_.empty());
}

// Between two turns: false when the run ends.
bool LoopCore::go_on() {
  if (leaving_) leave();
  if (stopping_) return false;
  // Cleared before the rest is looked at: what comes from now on sets it again. acquire: what was
  // set before it is seen.
  called_.exchange(false, std::memory_order_acquire);
  take_interrupts();
  return true;
}

void LoopCore::run_with_attention() {
  if (leaving_) leave();
  run_watched(running_list_.front());
}

// Throws what was left for it.
void LoopCore::leave() {
  std::exception_ptr exception = std::exchange(leaving_, nullptr);
  refresh_watched();
  std::rethrow_exception(std::move(exception));
}

void LoopCore::take_interrupts() {
  if (interrupted_.exchange(false, std::memory_order_relaxed) && interrupt_handler_ != nullptr)
    interrupt_handler_->interrupted();
  if (signals_.load(std::memory_order_relaxed) != 0) take_signals();
}

void LoopCore::poll() {
  if (ready_.empty() && inbox_.empty() && !stopping_) {
    if (!idle_waiters_.wake_one()) wait_for_work();
  } else if (!watches_.empty()) {
    dispatch(poller_->wait(0));
  }
}

void LoopCore::wait_for_work() {
  now_is_fresh_ = false;  // time will pass
  if (clock_.is_virtual() && external_ <= 0) {
    if (watches_.empty() && timers_.empty()) {
      if (observer_ != nullptr && observer_->stuck(*this)) return;
    } else if (!timers_.empty()) {
      // What is readable now comes before time moves.
      std::span<const Poller::Event> events =
          watches_.empty() ? std::span<const Poller::Event>() : poller_->wait(0);
      if (!events.empty()) return dispatch(events);
      if (clock_.now() >= timers_.next_deadline() || clock_.jump_to(timers_.next_deadline()))
        return;
    }
  }
  Nanoseconds limit = until_deadline();
  if (answer_expected() && (limit < 0 || limit > spin_.limit()) && spin_.worthwhile()) {
    // Descriptors are asked first, since nobody asks them while this thread spins.
    if (!watches_.empty()) {
      std::span<const Poller::Event> events = poller_->wait(0);
      if (!events.empty()) return dispatch(events);
    }
    if (spin_.look([this] { return woken(); })) return;
    limit = until_deadline();
  }
  if (limit == 0) {
    if (!watches_.empty()) dispatch(poller_->wait(0));
    return;
  }
  if (limit < 0 && watches_.empty() && core::has_one_cpu() && answer_expected() &&
      spin_.step_aside([this] { return woken(); }))
    return;
  sleep(limit);
}

// A thread outside works for this loop, or posted while it slept the last time. Never on a virtual
// clock: there only what is determined happens.
bool LoopCore::answer_expected() const noexcept {
  return (external_ > 0 || posted_lately_) && !clock_.is_virtual();
}

bool LoopCore::woken() const noexcept {
  return !inbox_.empty() || signals_.load(std::memory_order_relaxed) != 0 ||
         interrupted_.load(std::memory_order_relaxed);
}

// Nanoseconds to the next deadline, or to the end of its grain; 0 when it is due, negative when
// there is none to wait for.
Nanoseconds LoopCore::until_deadline() {
  if (timers_.empty() || (clock_.is_virtual() && external_ > 0)) return -1;
  Nanoseconds deadline = timers_.next_deadline();
  Nanoseconds now = clock_.now();
  if (deadline <= now) return 0;
  if (deadline > exact_until_) deadline |= grain - 1;
  return deadline - now;
}

void LoopCore::sleep(Nanoseconds limit) {
  core::Kernel::scheduling_point("loop.sleep");
  if (!inbox_.fall_asleep()) return;
  struct Asleep {
    detail::Inbox& inbox;
    ~Asleep() { inbox.wake_up(); }
  };
  std::span<const Poller::Event> events;
  {
    Asleep until_end_of_wait{inbox_};
    events = poller_->wait(limit);
  }
  posted_lately_ = !inbox_.empty();
  dispatch(events);
}

void LoopCore::dispatch(std::span<const Poller::Event> events) noexcept {
  std::size_t first =
      events.size() < 2 ? 0 : choose(static_cast<std::uint32_t>(events.size()), "poll.order");
  for (std::size_t i = 0; i < events.size(); ++i) {
    const Poller::Event& event = events[(first + i) % events.size()];
    if (observer_ != nullptr) observer_->io(event.ready);
    auto found = watches_.find(event.fd);
    if (found == watches_.end()) continue;
    Watch& watch = found->second;
    if ((event.ready & Poller::readable) != 0 && watch.reader) push_handle(watch.reader);
    if ((event.ready & Poller::writable) != 0 && watch.writer) push_handle(watch.writer);
  }
}

void LoopCore::push_handle(const Ref<detail::HandleCore>& handle) noexcept {
  if (handle->linked()) return;  // a watcher that has not run since its last event
  handle->set_loop(*this);
  handle->retain();
  ready_.push_back(*handle);
}

void LoopCore::take_posted() noexcept {
  if (choose(4, "loop.post_lands") != 0 && !ready_.empty()) return;  // it lands one turn later
  detail::HandleCore* posted = inbox_.take();
  while (posted != nullptr) {
    detail::HandleCore* next = std::exchange(posted->next_posted, nullptr);
    posted->set_loop(*this);
    ready_.push_back(*posted);  // the reference that the post gave up is the queue's now
    posted = next;
  }
}

inline void LoopCore::look_at_timers() {
  // A turn that set a timer has read the clock.
  Nanoseconds now = std::exchange(now_is_fresh_, false) ? now_ : clock_.now();
  if (timers_.may_be_due(now)) queue_due_timers(now);
}

void LoopCore::queue_due_timers(Nanoseconds now) {
  while (detail::TimerHeap::Timer due = timers_.take_due(now)) {
    if (TaskCore* sleeper = due.sleeper()) {
      detail::ParkingAccess::begin_due(*sleeper);
    } else {
      ready_.push_back(*due.node());
    }
  }
}

void LoopCore::run_until_done(FutureCore& future) {
  Ref<FutureCore> keeps_alive(&future);
  class StopWhenDone final : public detail::DoneWaiter, public detail::ReadyNode {
   public:
    void done(FutureCore& finished) noexcept override { finished.loop().push(*this); }
    void run() override { loop->stop(); }
    LoopCore* loop = nullptr;
  } stop_when_done;
  stop_when_done.loop = this;
  future.add_waiter(stop_when_done);
  run_forever();
  if (!future.done()) throw RuntimeError("Event loop stopped before Future completed.");
}

void LoopCore::throw_closed() {
  throw RuntimeError(
      "Event loop is closed: it ended with the asyncio::run() that made it; use the running loop");
}

void LoopCore::throw_wrong_thread() {
  throw RuntimeError(
      "Non-thread-safe operation invoked on an event loop other than the current one: from "
      "another thread use loop.call_soon_threadsafe()");
}

void LoopCore::throw_forked() {
  throw RuntimeError(
      "Event loop belongs to the parent process: a child of fork() runs its own, with "
      "asyncio::run(), and ends with _exit() or an exec function");
}

void LoopCore::stop_in_child() noexcept {
  try {
    throw_forked();
  } catch (...) {
    interrupt_with(std::current_exception());
  }
}

void LoopCore::post(Ref<detail::HandleCore> handle) {
  core::Kernel::scheduling_point("loop.post");
  require_own_process();
  detail::Inbox::Pushed pushed = inbox_.push(*handle);
  if (pushed == detail::Inbox::Pushed::refused) return require_open();
  handle.detach();
  if (pushed != detail::Inbox::Pushed::to_sleeper) return;
  poller_->wake();  // Inbox::close() waits for this, so the poller is there
  inbox_.woken();
}

void LoopCore::interrupt_from_signal() noexcept {
  interrupted_.store(true, std::memory_order_relaxed);
  called_.store(true, std::memory_order_release);
  poller_->wake();
}

std::uint32_t LoopCore::Watch::interest() const noexcept {
  return (reader ? Poller::readable : 0) | (writer ? Poller::writable : 0);
}

void LoopCore::watch(int fd, std::uint32_t direction, const Ref<detail::HandleCore>& handle) {
  require_open();
  require_own_process();
  require_own_thread();
  if (fd < 0) throw ValueError("Invalid file descriptor: " + std::to_string(fd));
  auto [found, is_new] = watches_.try_emplace(fd);
  Watch& watch = found->second;
  Ref<detail::HandleCore>& place = direction == Poller::readable ? watch.reader : watch.writer;
  std::uint32_t interest = watch.interest() | direction;
  try {
    if (is_new) {
      poller_->add(fd, interest);
    } else if (interest != watch.interest()) {
      poller_->modify(fd, interest);
    }
  } catch (...) {
    if (is_new) watches_.erase(found);
    throw;
  }
  handle->keep(true);
  Ref<detail::HandleCore> former = std::exchange(place, handle);
  if (former) former->cancel();
}

bool LoopCore::unwatch(int fd, std::uint32_t direction) noexcept {
  auto found = watches_.find(fd);
  if (found == watches_.end()) return false;
  Watch& watch = found->second;
  Ref<detail::HandleCore>& place = direction == Poller::readable ? watch.reader : watch.writer;
  if (!place) return false;
  std::exchange(place, {})->cancel();
  if (watch.interest() == 0) {
    poller_->remove(fd);
    watches_.erase(found);
  } else {
    poller_->modify(fd, watch.interest());
  }
  return true;
}

bool LoopCore::cancel_from_outside(TaskCore& task, const std::string& message) {
  EventLoop(shared_from_this())
      .call_soon_threadsafe([this, address = &task, id = task.id_, message] {
        for (auto* node = tasks_.first(); node != nullptr; node = tasks_.next(*node)) {
          auto* candidate = static_cast<TaskCore*>(node);
          if (candidate != address || candidate->id_ != id) continue;
          candidate->cancel(message);
          return;
        }
      });
  return true;
}

futures::Executor& LoopCore::default_executor() {
  require_open();
  if (executor_refused_)
    throw RuntimeError("Executor shutdown has been called: the loop is about to close");
  if (!executor_)
    executor_ = std::make_shared<futures::ThreadPoolExecutor>(
        futures::ThreadPoolOptions().thread_name_prefix("asyncio"));
  return *executor_;
}

void LoopCore::set_executor(std::shared_ptr<futures::Executor> executor) {
  require_open();
  if (!executor) throw TypeError("executor must be a ThreadPoolExecutor or its like, not null");
  executor_ = std::move(executor);
}

void LoopCore::close() {
  if (running()) throw RuntimeError("Cannot close a running event loop: stop() it first");
  if (closed_.exchange(true, std::memory_order_acq_rel)) return;
  detail::HandleCore* posted = inbox_.close();
  while (posted != nullptr) {
    detail::HandleCore* next = std::exchange(posted->next_posted, nullptr);
    Ref<detail::HandleCore>::adopt(posted);
    posted = next;
  }
  drop_everything();
  task_numbers_.give_back();
  poller_.reset();
  executor_.reset();  // joins its threads, if nobody else has it
}

bool LoopCore::drop_task() noexcept {
  if (tasks_.empty()) return false;
  auto& task = static_cast<TaskCore&>(tasks_.front());
  task.destroy_pending();
  release_task(task);
  return true;
}

bool LoopCore::drop_timer() noexcept {
  if (timers_.empty()) return false;
  detail::TimerNode& timer = *timers_.next().node();
  timers_.remove(timer);
  timer.drop();
  return true;
}

bool LoopCore::drop_ready() noexcept {
  if (ready_.empty()) return false;
  detail::ReadyNode& node = ready_.front();
  node.unlink();
  node.drop();
  return true;
}

bool LoopCore::drop_lingering() noexcept {
  if (lingering_.empty()) return false;
  lingering_.front().let_go();
  return true;
}

void LoopCore::drop_everything() noexcept {
  while (!on_signal_.empty()) drop_on_signal(on_signal_.back().first);
  auto* former = std::exchange(thread_state.loop, this);
  // Destructors may add to any of it. Tasks go first, so that no timer is one's sleep.
  while (drop_task() || drop_timer() || drop_ready() || drop_lingering()) {
  }
  for (auto& [fd, watch] : watches_) {
    if (watch.reader) watch.reader->cancel();
    if (watch.writer) watch.writer->cancel();
    poller_->remove(fd);
  }
  watches_.clear();
  thread_state.loop = former;
}

}  // namespace heddle::asyncio
