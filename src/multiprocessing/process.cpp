#include <fcntl.h>
#include <heddle/multiprocessing/process.h>
#include <heddle/threading/lock.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <mutex>
#include <system_error>

#include "core/kernel.h"
#include "multiprocessing/child_start.h"
#include "multiprocessing/spawn.h"
#include "threading/exit.h"

namespace heddle::multiprocessing {

using core::Kernel;

// The state behind Process handles.
class ProcessCore : public std::enable_shared_from_this<ProcessCore> {
 public:
  ProcessCore(std::string name, bool daemon, RemoteCall call)
      : name_(std::move(name)), daemon_(daemon), call_(std::move(call)) {}

  void start();
  void join(Nanoseconds limit);
  std::optional<int> exitcode();
  bool is_over();  // has ended or was closed
  std::optional<int> pid();
  void signal(int number);
  int sentinel();
  void close();
  const std::string& name() const noexcept { return name_; }
  bool daemon() const noexcept { return daemon_; }

 private:
  void require_open() const {
    if (closed_) throw ValueError("process object is closed");
  }
  bool reap_if_ended();  // with the lock held

  std::string name_;
  bool daemon_;
  RemoteCall call_;
  threading::Lock mutex_;
  Spawned child_;
  std::optional<int> exitcode_;
  bool closed_ = false;
};

namespace {

// The children of this process. Never destroyed.
struct Children : threading::ExitHook {
  threading::Lock mutex;
  std::vector<std::shared_ptr<ProcessCore>> started;
  std::atomic<unsigned> counter{0};
  bool registered = false;

  void add(std::shared_ptr<ProcessCore> child);
  std::vector<std::shared_ptr<ProcessCore>> alive();
  // Lets go of a child that has ended; its handles keep it. Not with the child's lock held: alive()
  // takes both.
  void forget(const ProcessCore* child) noexcept {
    std::shared_ptr<ProcessCore> last;
    std::lock_guard lock(mutex);
    for (auto& known : started) {
      if (known.get() != child) continue;
      last = std::move(known);
      std::erase(started, nullptr);
      return;
    }
  }
  void at_exit() noexcept override;
};

std::shared_ptr<Children>& children() {
  static auto* all = new std::shared_ptr<Children>(std::make_shared<Children>());
  return *all;
}

void Children::add(std::shared_ptr<ProcessCore> child) {
  std::lock_guard lock(mutex);
  started.push_back(std::move(child));
  if (!std::exchange(registered, true)) threading::add_exit_hook(children());
}

std::vector<std::shared_ptr<ProcessCore>> Children::alive() {
  std::lock_guard lock(mutex);
  std::erase_if(started, [](const auto& child) { return child->is_over(); });
  return started;
}

void Children::at_exit() noexcept {
  try {
    for (const auto& child : alive()) {
      if (child->daemon()) child->signal(SIGTERM);
    }
    for (const auto& child : alive()) child->join(time_max);
  } catch (...) {
    // One that was closed meanwhile needs nothing.
  }
}

// "Process-1" for a child of the main process, "Process-1:2" for a grandchild.
std::string next_name() {
  std::string number = std::to_string(children()->counter.fetch_add(1) + 1);
  ProcessInfo me = current_process();
  return me.name == "MainProcess" ? "Process-" + number : me.name + ":" + number;
}

}  // namespace

void ProcessCore::start() {
  ProcessInfo me = current_process();
  {
    std::lock_guard lock(mutex_);
    require_open();
    if (child_.pid != 0) throw AssertionError("cannot start a process twice");
    if (me.daemon) throw AssertionError("daemonic processes are not allowed to have children");
    child_ = spawn_self();
    ChildStart start{name_, daemon_, me.name, me.pid, call_.encode()};
    // When the child is gone already its exit code tells why.
    send_frame(child_.socket.get(), FrameType::run_process, encode(start));
  }
  children()->add(shared_from_this());
}

bool ProcessCore::reap_if_ended() {
  if (exitcode_) return true;
  if (child_.pid == 0 || !wait_for_end(child_.pidfd, 0)) return false;
  exitcode_ = reap(child_.pidfd);
  return true;
}

void ProcessCore::join(Nanoseconds limit) {
  OwnedFd own;
  bool ended = false;
  {
    std::lock_guard lock(mutex_);
    require_open();
    if (child_.pid == 0) throw AssertionError("can only join a started process");
    ended = reap_if_ended();
    own = OwnedFd(
        Kernel::fcntl(child_.pidfd.get(), F_DUPFD_CLOEXEC, 0));  // close() may come meanwhile
    if (own.get() < 0)
      throw std::system_error(errno, std::system_category(), "join a process: fcntl");
  }
  if (ended) return children()->forget(this);
  // Without the lock: others may look at the process or signal it meanwhile.
  Nanoseconds deadline =
      limit == time_max ? time_max
                        : saturating_add(monotonic_clock().now(), std::max<Nanoseconds>(limit, 0));
  while (true) {
    int milliseconds = -1;
    if (deadline != time_max) {
      Nanoseconds left = deadline - monotonic_clock().now();
      milliseconds =
          left <= 0
              ? 0
              : static_cast<int>(std::min<Nanoseconds>((left + 999'999) / 1'000'000, INT32_MAX));
    }
    if (wait_for_end(own, milliseconds)) {
      {
        std::lock_guard lock(mutex_);
        if (!closed_) reap_if_ended();
      }
      return children()->forget(this);
    }
    if (milliseconds == 0) return;
  }
}

std::optional<int> ProcessCore::exitcode() {
  std::lock_guard lock(mutex_);
  require_open();
  reap_if_ended();
  return exitcode_;
}

bool ProcessCore::is_over() {
  std::lock_guard lock(mutex_);
  return closed_ || reap_if_ended();
}

std::optional<int> ProcessCore::pid() {
  std::lock_guard lock(mutex_);
  require_open();
  return child_.pid == 0 ? std::nullopt : std::optional(child_.pid);
}

void ProcessCore::signal(int number) {
  std::lock_guard lock(mutex_);
  require_open();
  if (child_.pid == 0) throw AssertionError("can only signal a started process");
  // By the pidfd: the pid may belong to somebody else by now.
  if (!reap_if_ended()) Kernel::pidfd_send_signal(child_.pidfd.get(), number);
}

int ProcessCore::sentinel() {
  std::lock_guard lock(mutex_);
  require_open();
  if (child_.pid == 0) throw ValueError("process not started");
  return child_.pidfd.get();
}

void ProcessCore::close() {
  std::lock_guard lock(mutex_);
  if (closed_) return;
  if (child_.pid != 0 && !reap_if_ended()) {
    throw ValueError(
        "Cannot close a process while it is still running. You should first call join() or "
        "terminate().");
  }
  closed_ = true;
  child_ = Spawned();
}

Process::Process(ProcessOptions options, RemoteCall call)
    : core_(std::make_shared<ProcessCore>(
          options.name_.empty() ? next_name() : std::move(options.name_),
          options.daemon_.value_or(current_process().daemon), std::move(call))) {}

void Process::start() { core_->start(); }
void Process::join_for(Nanoseconds limit) { core_->join(limit); }
bool Process::is_alive() const {
  return core_->pid().has_value() && !core_->exitcode().has_value();
}
std::optional<int> Process::exitcode() const { return core_->exitcode(); }
std::optional<int> Process::pid() const { return core_->pid(); }
const std::string& Process::name() const { return core_->name(); }
bool Process::daemon() const { return core_->daemon(); }
void Process::terminate() { core_->signal(SIGTERM); }
void Process::kill() { core_->signal(SIGKILL); }
int Process::sentinel() const { return core_->sentinel(); }
void Process::close() { core_->close(); }

std::vector<Process> active_children() {
  std::vector<Process> handles;
  for (auto& core : children()->alive()) handles.push_back(Process(std::move(core)));
  return handles;
}

}  // namespace heddle::multiprocessing
