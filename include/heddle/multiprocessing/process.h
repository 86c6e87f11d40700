// Process: a function of this program, run in a process of its own.
//
//     int main(int argc, char** argv) {
//       multiprocessing::init(argc, argv);                 // the first line: where a child goes to
//       work multiprocessing::Process child(crunch, 42); child.start(); child.join(); std::cout <<
//       child.exitcode().value() << "\n";
//     }
//
// A process is a fresh start of this executable; nothing is shared, and what crosses is encoded
// (codec.h). Static initialisers run in each child, and main() up to init(), which runs the
// function and exits. Children that are not daemons are joined when the program ends; daemons are
// terminated then, and also die with a parent that is killed. Source:
// https://docs.python.org/3/library/multiprocessing.html#the-process-class
#pragma once

#include <heddle/core/delay.h>
#include <heddle/multiprocessing/remote_call.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace heddle::multiprocessing {

class ProcessCore;

// Makes child processes possible. In a child it runs the child's function and never returns. Call
// it first in main(), once.
void init(int argc, char** argv);

// Options of a Process.
class ProcessOptions {
 public:
  ProcessOptions& name(std::string name) {
    name_ = std::move(name);
    return *this;
  }
  // True: terminated at the end of the program. Default: as the present process.
  ProcessOptions& daemon(bool daemon) {
    daemon_ = daemon;
    return *this;
  }

  std::string name_;
  std::optional<bool> daemon_;
};

// A handle on a process; copies refer to the same one. Thread-safe. Methods are for the process
// that made it.
class Process {
 public:
  // A process that will call function(args...). A function or a callable without captures;
  // arguments are encoded now.
  template <class F, class... Args>
    requires std::is_invocable_v<std::decay_t<F>, std::decay_t<Args>...> ||
             (!std::is_base_of_v<Process, std::decay_t<F>>)
  explicit Process(F&& function, Args&&... args)
      : Process(ProcessOptions(),
                RemoteCall::make<std::decay_t<F>, std::decay_t<Args>...>(function, args...)) {}
  template <class F, class... Args>
  Process(ProcessOptions options, F&& function, Args&&... args)
      : Process(std::move(options),
                RemoteCall::make<std::decay_t<F>, std::decay_t<Args>...>(function, args...)) {}

  // Starts it. Throws RuntimeError when multiprocessing::init() was not called, AssertionError
  // "cannot start a process twice" and "daemonic processes are not allowed to have children",
  // std::system_error when the system refuses.
  void start();

  // Waits for its end. Throws AssertionError "can only join a started process".
  void join() { join_for(time_max); }
  // As join(), for at most `timeout`; ask exitcode() how it ended.
  void join(Delay timeout) { join_for(timeout.nanoseconds()); }

  bool is_alive() const;
  // Empty while it runs. 0 after a plain end, the code of a SystemExit, 1 after an exception, -N
  // when signal N killed it.
  std::optional<int> exitcode() const;
  // Empty before start().
  std::optional<int> pid() const;
  const std::string& name() const;
  bool daemon() const;

  // Send SIGTERM (SIGKILL). Nothing happens when it has ended. No destructor of the child runs.
  void terminate();
  void kill();

  // A descriptor that becomes readable when the process ends (a pidfd). Valid until close().
  int sentinel() const;

  // Releases its resources. Throws ValueError "Cannot close a process while it is still running";
  // later use of any copy throws ValueError "process object is closed".
  void close();

  friend bool operator==(const Process& a, const Process& b) noexcept { return a.core_ == b.core_; }

  // For the library.
  explicit Process(std::shared_ptr<ProcessCore> core) noexcept : core_(std::move(core)) {}

 private:
  Process(ProcessOptions options, RemoteCall call);
  void join_for(Nanoseconds limit);

  std::shared_ptr<ProcessCore> core_;
};

// What a process knows about itself or its parent.
struct ProcessInfo {
  std::string name;
  int pid = 0;
  bool daemon = false;
};

// This process: "MainProcess" in the program that the user started.
ProcessInfo current_process();
// The process that made this one; empty in the main process.
std::optional<ProcessInfo> parent_process();
// The children that are alive. Thread-safe.
std::vector<Process> active_children();
// How many CPUs this process may use.
int cpu_count();

}  // namespace heddle::multiprocessing
