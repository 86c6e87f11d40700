#include <heddle/asyncio/event_loop.h>

#include <string>

#include "asyncio/loop_core.h"

namespace heddle::asyncio {

using heddle::detail::thread_state;

EventLoop::EventLoop(Clock& clock) : core_(std::make_shared<LoopCore>(clock)) {}

Handle EventLoop::schedule(Ref<detail::HandleCore> handle) {
  core_->require_open();
  core_->require_own_thread();
  core_->push_handle(handle);
  return Handle(std::move(handle));
}

inline TimerHandle EventLoop::arm(Ref<detail::HandleCore> handle, Nanoseconds when) {
  handle->set_when(when);
  handle->set_loop(*core_);
  core_->arm(*handle, when);
  handle->retain();  // the heap's, then the ready queue's
  return TimerHandle(std::move(handle));
}

TimerHandle EventLoop::schedule_later(Ref<detail::HandleCore> handle, Nanoseconds delay) {
  core_->require_open();
  core_->require_own_thread();
  return arm(std::move(handle), saturating_add(core_->look_at_clock(), delay));
}

TimerHandle EventLoop::schedule_at(Ref<detail::HandleCore> handle, Nanoseconds when) {
  core_->require_open();
  core_->require_own_thread();
  core_->look_at_clock();  // for arm()
  return arm(std::move(handle), when);
}

void EventLoop::post(Ref<detail::HandleCore> handle) { core_->post(std::move(handle)); }

void EventLoop::watch(int fd, bool for_writing, const Ref<detail::HandleCore>& handle) {
  core_->watch(fd, for_writing ? detail::Poller::writable : detail::Poller::readable, handle);
}

bool EventLoop::remove_reader(int fd) {
  core_->require_own_thread();
  return core_->unwatch(fd, detail::Poller::readable);
}

bool EventLoop::remove_writer(int fd) {
  core_->require_own_thread();
  return core_->unwatch(fd, detail::Poller::writable);
}

Nanoseconds EventLoop::time() const noexcept { return core_->clock().now(); }
void EventLoop::run_forever() { core_->run_forever(); }
void EventLoop::stop() noexcept { core_->stop(); }
bool EventLoop::is_running() const noexcept { return core_->running(); }
bool EventLoop::is_closed() const noexcept { return core_->closed(); }
void EventLoop::close() { core_->close(); }

futures::Executor& EventLoop::default_executor() { return core_->default_executor(); }
void EventLoop::set_default_executor(std::shared_ptr<futures::Executor> executor) {
  core_->set_executor(std::move(executor));
}

void EventLoop::set_task_factory(TaskFactory factory) noexcept { core_->set_task_factory(factory); }
TaskFactory EventLoop::get_task_factory() const noexcept { return core_->task_factory(); }

void EventLoop::set_debug(bool debug) { core_->set_debug(debug); }
bool EventLoop::get_debug() const noexcept { return core_->debug(); }
Nanoseconds EventLoop::get_slow_callback_duration() const noexcept { return core_->slow_step(); }
void EventLoop::set_slow_callback_duration(Delay duration) {
  if (duration.nanoseconds() <= 0) throw ValueError("slow_callback_duration must be positive");
  core_->set_slow_step(duration.nanoseconds());
}

void EventLoop::set_spin_limit(Delay limit) {
  core_->require_own_thread();
  if (limit.nanoseconds() < 0) throw ValueError("spin_limit must not be negative");
  core_->set_spin_limit(limit.nanoseconds());
}
Nanoseconds EventLoop::get_spin_limit() const noexcept { return core_->spin_limit(); }

void EventLoop::install_handler(std::unique_ptr<ExceptionHandler> handler) {
  core_->set_handler(std::move(handler));
}
bool EventLoop::has_exception_handler() const noexcept { return core_->has_handler(); }
void EventLoop::reset_exception_handler() noexcept { core_->set_handler(nullptr); }
void EventLoop::call_exception_handler(const ExceptionContext& context) noexcept {
  core_->report(context);
}

EventLoop get_running_loop() { return EventLoop(detail::running_loop_core().shared_from_this()); }

EventLoop new_event_loop() { return EventLoop(); }

namespace {
std::optional<EventLoop>& loop_of_thread() {
  static thread_local std::optional<EventLoop> loop;
  return loop;
}
}  // namespace

EventLoop get_event_loop() {
  if (thread_state.loop != nullptr) return get_running_loop();
  if (loop_of_thread()) return *loop_of_thread();
  throw RuntimeError(
      "There is no current event loop in this thread: run one with asyncio::run(), or give it one "
      "with set_event_loop()");
}

void set_event_loop(std::optional<EventLoop> loop) { loop_of_thread() = std::move(loop); }

detail::InLoop::InLoop(const EventLoop& loop) : former_(thread_state.loop) {
  LoopCore& core = loop.core();
  core.require_open();
  core.require_own_thread();
  thread_state.loop = &core;
}

detail::InLoop::~InLoop() { thread_state.loop = former_; }

void detail::throw_no_running_loop() {
  throw RuntimeError(
      "no running event loop: this thread runs none. Start one with asyncio::run(main()); from "
      "another thread use "
      "loop.call_soon_threadsafe() or run_coroutine_threadsafe()");
}

std::shared_ptr<LoopCore> detail::share(LoopCore& loop) noexcept { return loop.shared_from_this(); }

void detail::queue_handle(LoopCore& loop, const Ref<HandleCore>& handle) noexcept {
  loop.push_handle(handle);
}

}  // namespace heddle::asyncio
