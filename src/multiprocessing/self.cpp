#include "multiprocessing/self.h"

#include <fcntl.h>
#include <heddle/multiprocessing/process.h>
#include <heddle/multiprocessing/remote_exception.h>
#include <heddle/threading/thread.h>
#include <poll.h>
#include <signal.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>

#include "core/cpu_count.h"
#include "core/kernel.h"
#include "multiprocessing/child_start.h"
#include "multiprocessing/spawn.h"

namespace heddle::multiprocessing {

using core::Kernel;

namespace {

// Set by init(), which runs before other threads exist; never destroyed.
struct Self {
  bool initialised = false;
  std::string program;
  ProcessInfo current{"MainProcess", 0, false};
  std::optional<ProcessInfo> parent;
};

Self& self() {
  static auto* me = new Self;
  return *me;
}

// Runs the function of a Process and ends as it does.
[[noreturn]] void run_process(const std::string& payload) {
  int code = 0;
  try {
    ChildStart start = decode<ChildStart>(payload);
    self().current = {start.name, Kernel::getpid(), start.daemon};
    self().parent = ProcessInfo{start.parent_name, start.parent_pid, false};
    if (start.daemon) die_with_parent(child_socket);
    RemoteCall::run(start.call);
  } catch (const SystemExit& exit) {
    code = exit.code();
  } catch (...) {
    std::string text =
        "Process " + self().current.name + ":\n  " + describe(std::current_exception()) + "\n";
    std::fputs(text.c_str(), stderr);
    code = 1;
  }
  std::exit(code);
}

}  // namespace

void require_init() {
  if (self().initialised) return;
  throw RuntimeError(
      "multiprocessing::init(argc, argv) was not called: make it the first line of main(), since "
      "child processes run this "
      "program again and begin to work there");
}

const std::string& program_name() { return self().program; }

void init(int argc, char** argv) {
  if (std::exchange(self().initialised, true)) return;
  self().program = argc > 0 ? argv[0] : "heddle";
  self().current.pid = Kernel::getpid();
  if (argc != 2 || std::strcmp(argv[1], worker_flag) != 0) return;
  Kernel::fcntl(child_socket, F_SETFD, FD_CLOEXEC);
  FrameType type{};
  std::string payload;
  if (!receive_frame(child_socket, type, payload)) {
    std::fprintf(stderr, "%s: %s is for child processes of this program, and nobody sent work\n",
                 argv[0], worker_flag);
    std::exit(2);
  }
  if (type == FrameType::run_process) run_process(payload);
  ChildStart start = decode<ChildStart>(payload);
  self().current = {start.name, Kernel::getpid(), true};
  self().parent = ProcessInfo{start.parent_name, start.parent_pid, false};
  serve_pool(child_socket);
}

void die_with_parent(int socket) {
  std::thread([socket] {
    pollfd watched{.fd = socket, .events = POLLRDHUP, .revents = 0};
    while (Kernel::poll(&watched, 1, -1) <= 0) {
    }
    Kernel::exit_now(1);  // nobody is left to work for, and destructors could wait for ever
  }).detach();
}

void serve_pool(int socket) {
  // Ctrl-C reaches the whole process group; the parent decides what it means.
  struct sigaction ignore{};
  ignore.sa_handler = SIG_IGN;
  Kernel::sigaction(SIGINT, &ignore, nullptr);
  die_with_parent(socket);
  send_frame(socket, FrameType::ready, {});
  FrameType type{};
  std::string payload;
  while (receive_frame(socket, type, payload)) {
    bool sent = false;
    try {
      std::string result = RemoteCall::run(payload);
      sent = send_frame(socket, FrameType::result, result);
    } catch (...) {
      sent = send_frame(socket, FrameType::failure, encode_exception(std::current_exception()));
    }
    if (!sent) break;
  }
  std::exit(0);
}

ProcessInfo current_process() {
  ProcessInfo info = self().current;
  if (info.pid == 0) info.pid = Kernel::getpid();
  return info;
}

std::optional<ProcessInfo> parent_process() { return self().parent; }
int cpu_count() { return core::cpu_count(); }

}  // namespace heddle::multiprocessing
