#include "core/kernel.h"

#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <sched.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>

namespace heddle::core {

namespace {

constexpr std::int64_t second = 1'000'000'000;
constexpr std::int64_t millisecond = 1'000'000;

// epoll_wait counts in milliseconds; rounding up keeps a timer from being early.
int epoll_wait_milliseconds(int epoll, epoll_event* events, int capacity,
                            std::int64_t nanoseconds) {
  std::int64_t limit =
      nanoseconds < 0
          ? -1
          : (std::min(nanoseconds, INT32_MAX * millisecond) + millisecond - 1) / millisecond;
  return ::epoll_wait(epoll, events, capacity,
                      static_cast<int>(std::min<std::int64_t>(limit, INT32_MAX)));
}

}  // namespace

std::int64_t SystemCalls::monotonic_now() {
  timespec time{};
  ::clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * second + time.tv_nsec;
}

int SystemCalls::epoll_create() { return ::epoll_create1(EPOLL_CLOEXEC); }

int SystemCalls::epoll_ctl(int epoll, int operation, int fd, epoll_event* event) {
  return ::epoll_ctl(epoll, operation, fd, event);
}

int SystemCalls::epoll_wait(int epoll, epoll_event* events, int capacity,
                            std::int64_t nanoseconds) {
  // epoll_pwait2 counts in nanoseconds but needs Linux 5.11, and some containers refuse it.
  static std::atomic<bool> has_nanoseconds{true};
  if (nanoseconds > 0 && has_nanoseconds.load(std::memory_order_relaxed)) {
    timespec limit{.tv_sec = nanoseconds / second, .tv_nsec = nanoseconds % second};
    long count =
        ::syscall(SYS_epoll_pwait2, epoll, events, capacity, &limit, nullptr, std::size_t{0});
    if (count >= 0 || (errno != ENOSYS && errno != EPERM)) return static_cast<int>(count);
    has_nanoseconds.store(false, std::memory_order_relaxed);
  }
  return epoll_wait_milliseconds(epoll, events, capacity, nanoseconds);
}

int SystemCalls::eventfd() { return ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }
ssize_t SystemCalls::read(int fd, void* buffer, std::size_t size) {
  return ::read(fd, buffer, size);
}
ssize_t SystemCalls::write(int fd, const void* buffer, std::size_t size) {
  return ::write(fd, buffer, size);
}
int SystemCalls::open(const char* path, int flags, unsigned mode) {
  return ::open(path, flags | O_CLOEXEC, mode);
}
int SystemCalls::close(int fd) { return ::close(fd); }
int SystemCalls::pipe(int ends[2], int flags) { return ::pipe2(ends, flags | O_CLOEXEC); }
int SystemCalls::fcntl(int fd, int command, long argument) {
  return ::fcntl(fd, command, argument);
}

int SystemCalls::poll(pollfd* fds, unsigned long count, int milliseconds) {
  return ::poll(fds, count, milliseconds);
}

int SystemCalls::socketpair(int domain, int type, int ends[2]) {
  return ::socketpair(domain, type | SOCK_CLOEXEC, 0, ends);
}

ssize_t SystemCalls::sendmsg(int fd, const msghdr* message, int flags) {
  return ::sendmsg(fd, message, flags);
}

ssize_t SystemCalls::recvmsg(int fd, msghdr* message, int flags) {
  return ::recvmsg(fd, message, flags | MSG_CMSG_CLOEXEC);
}

int SystemCalls::setsockopt(int fd, int level, int name, const void* value, unsigned size) {
  return ::setsockopt(fd, level, name, value, size);
}

int SystemCalls::posix_spawn(pid_t* pid, const char* path,
                             const posix_spawn_file_actions_t* actions,
                             const posix_spawnattr_t* attributes, char* const arguments[],
                             char* const environment[]) {
  return ::posix_spawn(pid, path, actions, attributes, arguments, environment);
}

int SystemCalls::pidfd_open(pid_t pid) {
  return static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
}

int SystemCalls::pidfd_send_signal(int pidfd, int signal) {
  return static_cast<int>(::syscall(SYS_pidfd_send_signal, pidfd, signal, nullptr, 0));
}

int SystemCalls::waitid(idtype_t type, id_t id, siginfo_t* info, int options) {
  return ::waitid(type, id, info, options);
}

int SystemCalls::futex_wait(std::uint32_t* word, std::uint32_t expected, std::int64_t nanoseconds) {
  timespec limit{.tv_sec = nanoseconds / second, .tv_nsec = nanoseconds % second};
  return static_cast<int>(
      ::syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, expected, nanoseconds < 0 ? nullptr : &limit));
}

int SystemCalls::futex_wake(std::uint32_t* word, int count) {
  return static_cast<int>(::syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, count));
}

int SystemCalls::sched_yield() { return ::sched_yield(); }

int SystemCalls::membarrier(int command) {
  return static_cast<int>(::syscall(SYS_membarrier, command, 0, 0));
}

int SystemCalls::kill(pid_t pid, int signal) { return ::kill(pid, signal); }
bool SystemCalls::isatty(int fd) { return ::isatty(fd) == 1; }
int SystemCalls::tgkill(pid_t process, pid_t thread, int signal) {
  return static_cast<int>(::syscall(SYS_tgkill, process, thread, signal));
}
pid_t SystemCalls::getpid() { return ::getpid(); }
pid_t SystemCalls::getppid() { return ::getppid(); }
pid_t SystemCalls::gettid() { return static_cast<pid_t>(::syscall(SYS_gettid)); }
int SystemCalls::prctl(int option, unsigned long argument) {
  return ::prctl(option, argument, 0, 0, 0);
}

int SystemCalls::sigaction(int signal, const struct sigaction* action, struct sigaction* former) {
  return ::sigaction(signal, action, former);
}

ssize_t SystemCalls::getrandom(void* buffer, std::size_t size) {
  return ::getrandom(buffer, size, 0);
}
int SystemCalls::thread_create(pthread_t* thread, const pthread_attr_t* attributes,
                               void* (*entry)(void*), void* argument, const char*) {
  return ::pthread_create(thread, attributes, entry, argument);
}
int SystemCalls::thread_join(pthread_t thread) { return ::pthread_join(thread, nullptr); }
int SystemCalls::thread_detach(pthread_t thread) { return ::pthread_detach(thread); }
int SystemCalls::thread_setname(pthread_t thread, const char* name) {
  return ::pthread_setname_np(thread, name);
}

void SystemCalls::exit_now(int code) { ::_exit(code); }

}  // namespace heddle::core
