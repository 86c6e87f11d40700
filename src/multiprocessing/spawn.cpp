#include "multiprocessing/spawn.h"

#include <heddle/core/error.h>
#include <poll.h>
#include <spawn.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <system_error>

#include "core/kernel.h"
#include "multiprocessing/self.h"

extern char** environ;

namespace heddle::multiprocessing {

using core::Kernel;

OwnedFd::~OwnedFd() {
  if (fd_ >= 0) Kernel::close(fd_);
}

namespace {

[[noreturn]] void fail(int error, const char* operation) {
  throw std::system_error(error, std::system_category(), operation);
}

// What posix_spawn is told; released on every path.
class SpawnPlan {
 public:
  explicit SpawnPlan(int socket) {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawnattr_init(&attributes_);
    ::posix_spawn_file_actions_adddup2(&actions_, socket, child_socket);
    ::posix_spawn_file_actions_addclosefrom_np(&actions_, child_socket + 1);
    sigset_t every;
    sigset_t none;
    ::sigfillset(&every);
    ::sigemptyset(&none);
    ::posix_spawnattr_setsigdefault(&attributes_, &every);
    ::posix_spawnattr_setsigmask(&attributes_, &none);
    ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;
  ~SpawnPlan() {
    ::posix_spawn_file_actions_destroy(&actions_);
    ::posix_spawnattr_destroy(&attributes_);
  }
  int run(pid_t& pid, char* const arguments[]) const {
    return Kernel::posix_spawn(&pid, "/proc/self/exe", &actions_, &attributes_, arguments, environ);
  }

 private:
  posix_spawn_file_actions_t actions_;
  posix_spawnattr_t attributes_;
};

}  // namespace

Spawned spawn_self() {
  require_init();
  int ends[2];
  if (Kernel::socketpair(AF_UNIX, SOCK_STREAM, ends) != 0)
    fail(errno, "start a process: socketpair");
  Spawned child;
  child.socket = OwnedFd(ends[0]);
  OwnedFd childs_end(ends[1]);
  std::string program = program_name();
  std::string flag = worker_flag;
  std::array<char*, 3> arguments{program.data(), flag.data(), nullptr};
  pid_t pid = 0;
  int error = SpawnPlan(childs_end.get()).run(pid, arguments.data());
  if (error != 0) fail(error, "start a process: posix_spawn of this program");
  child.pid = pid;
  child.pidfd = OwnedFd(Kernel::pidfd_open(pid));
  if (child.pidfd.get() < 0) {
    int reason = errno;
    Kernel::kill(pid, SIGKILL);
    siginfo_t info{};
    Kernel::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED);
    fail(reason, "start a process: pidfd_open (Linux 5.3 or newer is needed)");
  }
  return child;
}

int reap(const OwnedFd& pidfd) {
  siginfo_t info{};
  while (Kernel::waitid(static_cast<idtype_t>(P_PIDFD), static_cast<id_t>(pidfd.get()), &info,
                        WEXITED) != 0) {
    if (errno != EINTR) return 255;  // somebody else waited for it, as with SIGCHLD ignored
  }
  return info.si_code == CLD_EXITED ? info.si_status : -info.si_status;
}

bool wait_for_end(const OwnedFd& pidfd, int milliseconds) {
  pollfd watched{.fd = pidfd.get(), .events = POLLIN, .revents = 0};
  int count = Kernel::poll(&watched, 1, milliseconds);
  return count > 0;
}

FrameHeader make_header(FrameType type, std::size_t size) noexcept {
  return {size, type, frame_magic};
}

namespace {

// All of `size` bytes; false when the other end is gone.
bool send_all(int socket, const char* data, std::size_t size) {
  while (size > 0) {
    iovec part{const_cast<char*>(data), size};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    ssize_t sent = Kernel::sendmsg(socket, &message, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    data += sent;
    size -= static_cast<std::size_t>(sent);
  }
  return true;
}

bool receive_all(int socket, char* data, std::size_t size) {
  while (size > 0) {
    ssize_t got = Kernel::read(socket, data, size);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    data += got;
    size -= static_cast<std::size_t>(got);
  }
  return true;
}

}  // namespace

bool send_frame(int socket, FrameType type, std::string_view payload) {
  FrameHeader header = make_header(type, payload.size());
  return send_all(socket, reinterpret_cast<const char*>(&header), sizeof header) &&
         send_all(socket, payload.data(), payload.size());
}

bool receive_frame(int socket, FrameType& type, std::string& payload) {
  FrameHeader header;
  if (!receive_all(socket, reinterpret_cast<char*>(&header), sizeof header)) return false;
  if (header.magic != frame_magic || header.size > frame_size_max) return false;
  type = header.type;
  // Grows with what arrives: a broken length must not take memory that no bytes will fill.
  payload.clear();
  constexpr std::uint64_t step = 1 << 20;
  while (payload.size() < header.size) {
    std::size_t have = payload.size();
    std::size_t more = static_cast<std::size_t>(
        std::min<std::uint64_t>(std::max<std::uint64_t>(step, have), header.size - have));
    payload.resize(have + more);
    if (!receive_all(socket, payload.data() + have, more)) return false;
  }
  return true;
}

}  // namespace heddle::multiprocessing
