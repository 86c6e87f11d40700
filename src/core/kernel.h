// The table of system calls: the only place where heddle touches the operating system.
//
// Every call keeps the kernel's own contract: -1 and errno on failure, EINTR included. Everything
// that makes a descriptor makes it close-on-exec. In builds with fault injection (all but release)
// each entry is a pointer that a test replaces before it starts threads; in release builds the
// entries are the calls themselves.
#pragma once

#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/wait.h>

#include <cstddef>
#include <cstdint>

struct pollfd;

namespace heddle::core {

// The calls themselves.
struct SystemCalls {
  // CLOCK_MONOTONIC in nanoseconds.
  static std::int64_t monotonic_now();

  static int epoll_create();
  static int epoll_ctl(int epoll, int operation, int fd, epoll_event* event);
  // Waits at most `nanoseconds`; negative: without limit.
  static int epoll_wait(int epoll, epoll_event* events, int capacity, std::int64_t nanoseconds);
  static int eventfd();  // non-blocking, counter 0

  static ssize_t read(int fd, void* buffer, std::size_t size);
  static ssize_t write(int fd, const void* buffer, std::size_t size);
  static int open(const char* path, int flags, unsigned mode);
  static int close(int fd);
  static int pipe(int ends[2], int flags);
  static int fcntl(int fd, int command, long argument);
  static int poll(pollfd* fds, unsigned long count, int milliseconds);

  static int socketpair(int domain, int type, int ends[2]);
  static ssize_t sendmsg(int fd, const msghdr* message, int flags);
  static ssize_t recvmsg(int fd, msghdr* message, int flags);
  static int setsockopt(int fd, int level, int name, const void* value, unsigned size);

  static int posix_spawn(pid_t* pid, const char* path, const posix_spawn_file_actions_t* actions,
                         const posix_spawnattr_t* attributes, char* const arguments[],
                         char* const environment[]);  // returns the errno, as the call does
  static int pidfd_open(pid_t pid);
  static int pidfd_send_signal(int pidfd, int signal);
  static int waitid(idtype_t type, id_t id, siginfo_t* info, int options);
  // Sleeps while *word == expected, at most `nanoseconds` (negative: without limit).
  static int futex_wait(std::uint32_t* word, std::uint32_t expected, std::int64_t nanoseconds);
  static int futex_wake(std::uint32_t* word, int count);
  static int sched_yield();
  static int membarrier(int command);
  static int kill(pid_t pid, int signal);
  static bool isatty(int fd);
  static int tgkill(pid_t process, pid_t thread, int signal);
  static pid_t getpid();
  static pid_t getppid();
  static pid_t gettid();
  static int prctl(int option, unsigned long argument);
  static int sigaction(int signal, const struct sigaction* action, struct sigaction* former);
  static ssize_t getrandom(void* buffer, std::size_t size);
  [[noreturn]] static void exit_now(int code);  // _exit

  // As pthread_create; `name` is for a test that watches the threads.
  static int thread_create(pthread_t* thread, const pthread_attr_t* attributes,
                           void* (*entry)(void*), void* argument, const char* name);
  // As pthread_join, without the result: waits for the destructors of the thread's thread_locals.
  static int thread_join(pthread_t thread);
  static int thread_detach(pthread_t thread);
  // As pthread_setname_np: at most 15 bytes.
  static int thread_setname(pthread_t thread, const char* name);

  // Not a call: a place where another thread may go first. A test that runs threads one at a time
  // decides here which one.
  static void scheduling_point(const char*) noexcept {}
  // Not a call either: whether looking again may show something new. Not where threads run one at a
  // time.
  static bool may_spin() noexcept { return true; }

  SystemCalls() = delete;
};

// Whether Kernel's entries can be replaced.
inline constexpr bool kernel_is_replaceable = HEDDLE_FAULT_INJECTION;

#if HEDDLE_FAULT_INJECTION
struct Kernel {
  static inline auto* monotonic_now = &SystemCalls::monotonic_now;
  static inline auto* epoll_create = &SystemCalls::epoll_create;
  static inline auto* epoll_ctl = &SystemCalls::epoll_ctl;
  static inline auto* epoll_wait = &SystemCalls::epoll_wait;
  static inline auto* eventfd = &SystemCalls::eventfd;
  static inline auto* read = &SystemCalls::read;
  static inline auto* write = &SystemCalls::write;
  static inline auto* open = &SystemCalls::open;
  static inline auto* close = &SystemCalls::close;
  static inline auto* pipe = &SystemCalls::pipe;
  static inline auto* fcntl = &SystemCalls::fcntl;
  static inline auto* poll = &SystemCalls::poll;
  static inline auto* socketpair = &SystemCalls::socketpair;
  static inline auto* sendmsg = &SystemCalls::sendmsg;
  static inline auto* recvmsg = &SystemCalls::recvmsg;
  static inline auto* setsockopt = &SystemCalls::setsockopt;
  static inline auto* posix_spawn = &SystemCalls::posix_spawn;
  static inline auto* pidfd_open = &SystemCalls::pidfd_open;
  static inline auto* pidfd_send_signal = &SystemCalls::pidfd_send_signal;
  static inline auto* waitid = &SystemCalls::waitid;
  static inline auto* futex_wait = &SystemCalls::futex_wait;
  static inline auto* futex_wake = &SystemCalls::futex_wake;
  static inline auto* sched_yield = &SystemCalls::sched_yield;
  static inline auto* membarrier = &SystemCalls::membarrier;
  static inline auto* kill = &SystemCalls::kill;
  static inline auto* isatty = &SystemCalls::isatty;
  static inline auto* tgkill = &SystemCalls::tgkill;
  static inline auto* getpid = &SystemCalls::getpid;
  static inline auto* getppid = &SystemCalls::getppid;
  static inline auto* gettid = &SystemCalls::gettid;
  static inline auto* prctl = &SystemCalls::prctl;
  static inline auto* sigaction = &SystemCalls::sigaction;
  static inline auto* getrandom = &SystemCalls::getrandom;
  [[noreturn]] static void exit_now(int code) { SystemCalls::exit_now(code); }
  static inline auto* thread_create = &SystemCalls::thread_create;
  static inline auto* thread_join = &SystemCalls::thread_join;
  static inline auto* thread_detach = &SystemCalls::thread_detach;
  static inline auto* thread_setname = &SystemCalls::thread_setname;
  static inline auto* scheduling_point = &SystemCalls::scheduling_point;
  static inline auto* may_spin = &SystemCalls::may_spin;
  Kernel() = delete;
};
#else
using Kernel = SystemCalls;
#endif

}  // namespace heddle::core
